"""Names and how they are spelled out on the phone."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_SURNAMES = """
王 Wang 三横王|李 Li 木子李|张 Zhang 弓长张|刘 Liu 文刀刘|陈 Chen 耳东陈|杨 Yang 木易杨|黄 Huang 草头黄|赵 Zhao 走肖赵
吴 Wu 口天吴|周 Zhou 周到的周|徐 Xu 双人徐|孙 Sun 子小孙|马 Ma 马上的马|朱 Zhu 朱红的朱|胡 Hu 古月胡|林 Lin 双木林
郭 Guo 城郭的郭|何 He 人可何|高 Gao 高兴的高|罗 Luo 四夕罗|郑 Zheng 关耳郑|梁 Liang 桥梁的梁|谢 Xie 感谢的谢
宋 Song 宋朝的宋|唐 Tang 唐朝的唐|许 Xu 言午许|邓 Deng 又耳邓|韩 Han 韩国的韩|冯 Feng 两点水的冯|曹 Cao 曹操的曹
彭 Peng 彭祖的彭|肖 Xiao 肖像的肖|蔡 Cai 蔡伦的蔡|潘 Pan 三点水的潘|田 Tian 田地的田|董 Dong 草重董|于 Yu 干勾于
余 Yu 人禾余|叶 Ye 树叶的叶|蒋 Jiang 草将蒋|杜 Du 木土杜|苏 Su 苏州的苏|魏 Wei 委鬼魏|程 Cheng 程序的程|吕 Lü 双口吕
丁 Ding 甲乙丙丁的丁|沈 Shen 沈阳的沈|姚 Yao 女兆姚|卢 Lu 卢沟桥的卢|傅 Fu 师傅的傅|钟 Zhong 钟表的钟|姜 Jiang 生姜的姜
崔 Cui 山佳崔|谭 Tan 言西早谭|范 Fan 模范的范|汪 Wang 三点水的汪|陆 Lu 陆地的陆|金 Jin 金子的金|石 Shi 石头的石
戴 Dai 穿戴的戴|贾 Jia 西贝贾|夏 Xia 夏天的夏|邱 Qiu 丘耳邱|方 Fang 方向的方|熊 Xiong 狗熊的熊|孟 Meng 孟子的孟
秦 Qin 秦朝的秦|白 Bai 白色的白|江 Jiang 江河的江|欧阳 Ouyang 复姓欧阳|上官 Shangguan 复姓上官
"""

_CHARACTERS = """
秀 xiu 优秀|英 ying 英雄|桂 gui 桂花|兰 lan 兰花|淑 shu 贤淑|珍 zhen 珍珠|玉 yu 玉石|梅 mei 梅花|凤 feng 凤凰
霞 xia 彩霞|丽 li 美丽|华 hua 中华|春 chun 春天|芳 fang 芬芳|芬 fen 芬芳|爱 ai 爱心|美 mei 美丽|玲 ling 玲珑
金 jin 金子|素 su 朴素|惠 hui 优惠|月 yue 月亮|云 yun 白云|巧 qiao 巧妙|娟 juan 娟秀|晓 xiao 春晓|燕 yan 燕子
海 hai 大海|雪 xue 白雪|静 jing 安静|敏 min 敏捷|艳 yan 鲜艳|红 hong 红色|慧 hui 智慧|萍 ping 浮萍|文 wen 文化
婷 ting =女字旁的婷|莉 li 茉莉|佳 jia 佳人|雅 ya 文雅|琴 qin 钢琴|琳 lin =双木王字旁的琳|颖 ying 新颖
欣 xin 欣赏|怡 yi 心旷神怡|雨 yu 下雨|桐 tong 梧桐|思 si 思想|琪 qi =王字旁的琪|诗 shi 诗歌|涵 han 内涵
梦 meng 做梦|瑶 yao 瑶族|可 ke 可以|晴 qing 晴天|雯 wen =雨文雯|若 ruo 如若|彤 tong 红彤彤|语 yu 语言|子 zi 子女
萱 xuan 萱草|嘉 jia 嘉奖|宁 ning 安宁|建 jian 建设|国 guo 国家|强 qiang 坚强|军 jun 军人|志 zhi 志气|德 de 道德
明 ming 明天|永 yong 永远|福 fu 幸福|忠 zhong 忠诚|宝 bao 宝贝|山 shan 高山|生 sheng 生活|学 xue 学习
广 guang 广大|正 zheng 正确|树 shu 树木|林 lin 森林|庆 qing 庆祝|家 jia 家庭|兴 xing 兴旺|平 ping 平安
刚 gang 刚强|涛 tao 波涛|东 dong 东方|俊 jun 英俊|峰 feng 山峰|鹏 peng 大鹏|斌 bin =文武斌|杰 jie 杰出
栋 dong 栋梁|宏 hong 宏伟|伟 wei 伟大|立 li 立正|新 xin 新旧|振 zhen 振兴|磊 lei =三石磊|浩 hao 浩大|然 ran 自然
轩 xuan 轩昂|宇 yu 宇宙|航 hang 航空|豪 hao 豪华|天 tian 天空|远 yuan 远近|鸣 ming 鸣叫|博 bo 博士|泽 ze 恩泽
昊 hao =日天昊|逸 yi 安逸|飞 fei 飞机|晨 chen 早晨|睿 rui 睿智|楠 nan =木字旁的楠
"""

CHINESE_GIVEN = {
    ("f", "old"): ("秀桂淑玉凤丽春爱美金素惠月巧兰", "英兰珍梅霞华芳芬玲云娟凤琴莉"),
    ("f", "middle"): ("丽晓海雪静敏艳红慧文佳雅春美玉", "燕霞梅敏红慧萍静婷莉琴琳颖玲娟"),
    ("f", "young"): ("欣雨思诗梦可晓若语子嘉静佳雅晨", "怡桐琪涵瑶欣晴雯彤萱宁琳婷颖楠"),
    ("m", "old"): ("建国志德永文宝福学广正春树玉庆家", "国强军明福忠山生文华林兴平云海"),
    ("m", "middle"): ("志海晓俊建文国宏立永振伟明家东", "刚涛东峰平杰栋伟新华鹏斌磊军强"),
    ("m", "young"): ("浩子宇俊嘉天思博泽昊明志逸晨文", "然轩航杰豪宇远鸣文泽天博飞睿楠"),
}

ENGLISH_GIVEN = {
    ("f", "old"): "Martha Dorothy Gloria Joan Marilyn Beverly Judith Carol Patricia Norma Phyllis Lois Irene Peggy "
    "Rosemary Constance Maxine Vera Hazel Edna",
    ("f", "middle"): "Karen Lisa Donna Sharon Michelle Angela Tammy Denise Heather Renee Monica Tracy Stacy Paula "
    "Wendy Dana Leslie Robin Vanessa Brenda",
    ("f", "young"): "Chloe Madison Abigail Hailey Brooke Paige Mackenzie Sydney Jasmine Autumn Naomi Lily Audrey "
    "Nora Hannah Claire Stella Ivy Zoe Kayla",
    ("m", "old"): "Walter Harold Eugene Gerald Raymond Leonard Stanley Vernon Clarence Ralph Norman Lloyd Glenn "
    "Roland Alvin Chester Warren Melvin Earl Floyd",
    ("m", "middle"): "Brian Kevin Scott Todd Gary Dennis Craig Keith Derek Troy Chad Marcus Wayne Russell Dwayne "
    "Curtis Neil Trevor Glen Darren",
    ("m", "young"): "Tyler Ethan Logan Caleb Mason Dylan Lucas Owen Connor Isaac Wyatt Cole Gavin Julian Miles "
    "Felix Hunter Jared Leo Simon",
}

ENGLISH_FAMILIES = _words("""
    Whitcombe Hollander Pruett Castleton Dunmore Ashcroft Bellamy Carver Delaney Eastman Farrow Granger Hathaway Ingram
    Jarvis Kendrick Langley Merritt Norwood Oakley Pemberton Quimby Radcliffe Sheffield Thornton Underhill Vance
    Wainwright Yardley Abernathy Birch Colby Draper Ellison Fairbanks Garrison Holloway Irving Jessup Kimball Lockhart
    Mayfield Nesbitt Osgood Partridge Ransom Selby Tilden Upshaw Vickers Weatherby Yates Alcott Bradshaw Crandall
    Dorsey Emmons Fenwick Goodwin Harmon Ives Judson Kirkland Ludlow Mercer Newcomb Ormsby Prescott Rowland Sterling
    Truesdale Vaughn Winslow Atwood Blakely Conway Dalton Everly Foley Gentry Hobbs Kettering Lambert Maddox Nickerson
    Overton Pickett Rutledge Stockton Tolliver Varney Whitlock Akers Benning Corbett Dixon Edgerton Fulton Gaines
    Hooper Kilgore Lattimer Moreland Nash Oldham Penrose Ridley Sawyer Tanner Vinson Wheaton Zeller Barlow Chandler
""")

FAMOUS = frozenset(
    _words("""
    于文文 何晓东 傅博 冯远征 刘国梁 刘德华 刘昊然 刘永好 刘浩然 叶文洁 周杰伦 周海媚 唐国强 姚明 孙俊 孙海英
    孙红雷 宋丹丹 宋佳 张国立 张家辉 张晓东 张晓晨 张艺兴 彭于晏 朱军 朱德 朱文博 李国强 李天宇 李建国 李志强
    李晓东 李立新 李铁 杨子 林俊杰 林志玲 林志颖 梁振华 欧阳俊 王俊杰 王军霞 王学文 王建军 王志文 王思聪 王文涛
    王海霞 王玉梅 石天琦 窦文涛 罗志祥 胡军 许晴 郭德纲 陈建国 陈建斌 陈德容 陈思诚 陈晓东 马东 马思纯 高天鹏
    高晓松 黄志忠 黄文涛 黄晓明 黄海波
    """)
)
"""Names of well-known people: never given to a customer who complains."""


def _entries(table: str) -> list[list[str]]:
    return [entry.split() for line in table.strip().splitlines() for entry in line.split("|")]


SURNAMES = {name: (pinyin, spelled) for name, pinyin, spelled in _entries(_SURNAMES)}
CHARACTERS = {
    char: (pinyin, word[1:] if word.startswith("=") else f"{word}的{char}")
    for char, pinyin, word in _entries(_CHARACTERS)
}
"""Character → pinyin, how it is made clear. In the table, `=` stands before what needs no 的."""
