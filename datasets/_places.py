"""Real places: city, district, postcode and area code belong together. The postcode is the city's general one in China.

Written by hand from public postal and dialling-code tables.
"""

from typing import NamedTuple


class ChinesePlace(NamedTuple):
    """`province` is empty for the four municipalities."""

    province: str
    city: str
    postcode: str
    area_code: str
    districts: tuple[str, ...]


class AmericanPlace(NamedTuple):
    """`zips` are some of the city's own."""

    city: str
    state: str
    zips: tuple[str, ...]
    area_code: str


_CHINA = """
|北京市|100000|010|朝阳区 海淀区 丰台区 西城区 东城区 石景山区 通州区
|上海市|200000|021|浦东新区 徐汇区 静安区 闵行区 杨浦区 普陀区 宝山区 虹口区
|天津市|300000|022|和平区 河西区 南开区 河北区 河东区 红桥区
|重庆市|400000|023|渝中区 江北区 沙坪坝区 南岸区 九龙坡区 渝北区
广东省|广州市|510000|020|天河区 越秀区 海珠区 白云区 番禺区
广东省|深圳市|518000|0755|南山区 福田区 罗湖区 宝安区 龙岗区
广东省|佛山市|528000|0757|禅城区 南海区 顺德区
江苏省|南京市|210000|025|玄武区 鼓楼区 秦淮区 建邺区 江宁区 栖霞区
江苏省|苏州市|215000|0512|姑苏区 吴中区 虎丘区 相城区
江苏省|无锡市|214000|0510|梁溪区 滨湖区 锡山区
浙江省|杭州市|310000|0571|上城区 拱墅区 西湖区 滨江区 萧山区 余杭区
浙江省|宁波市|315000|0574|海曙区 鄞州区 江北区
浙江省|温州市|325000|0577|鹿城区 瓯海区 龙湾区
四川省|成都市|610000|028|锦江区 青羊区 金牛区 武侯区 成华区
四川省|绵阳市|621000|0816|涪城区 游仙区
湖北省|武汉市|430000|027|江岸区 江汉区 武昌区 洪山区 汉阳区 青山区
湖北省|宜昌市|443000|0717|西陵区 伍家岗区
湖南省|长沙市|410000|0731|芙蓉区 天心区 岳麓区 开福区 雨花区
陕西省|西安市|710000|029|雁塔区 碑林区 莲湖区 未央区 新城区
山东省|济南市|250000|0531|历下区 市中区 槐荫区 天桥区 历城区
山东省|青岛市|266000|0532|市南区 市北区 李沧区 崂山区
山东省|烟台市|264000|0535|芝罘区 莱山区
辽宁省|沈阳市|110000|024|和平区 沈河区 皇姑区 铁西区 大东区
辽宁省|大连市|116000|0411|中山区 西岗区 沙河口区 甘井子区
河南省|郑州市|450000|0371|中原区 二七区 金水区
河南省|洛阳市|471000|0379|西工区 涧西区 洛龙区
河北省|石家庄市|050000|0311|长安区 桥西区 裕华区 新华区
福建省|福州市|350000|0591|鼓楼区 台江区 仓山区 晋安区
福建省|厦门市|361000|0592|思明区 湖里区 集美区
安徽省|合肥市|230000|0551|蜀山区 庐阳区 包河区 瑶海区
江西省|南昌市|330000|0791|东湖区 西湖区 青云谱区
云南省|昆明市|650000|0871|五华区 盘龙区 官渡区 西山区
贵州省|贵阳市|550000|0851|南明区 云岩区 乌当区
山西省|太原市|030000|0351|小店区 迎泽区 杏花岭区
吉林省|长春市|130000|0431|南关区 朝阳区 宽城区 二道区
黑龙江省|哈尔滨市|150000|0451|道里区 南岗区 道外区 香坊区
甘肃省|兰州市|730000|0931|城关区 七里河区
海南省|海口市|570000|0898|龙华区 美兰区 秀英区
广西壮族自治区|南宁市|530000|0771|青秀区 兴宁区 西乡塘区
内蒙古自治区|呼和浩特市|010000|0471|新城区 回民区 赛罕区
"""

_AMERICA = """
Columbus|OH|43201 43204 43215|614
Dayton|OH|45402 45403 45410|937
Toledo|OH|43604 43606 43613|419
Portland|OR|97202 97211 97214|503
Eugene|OR|97401 97402 97405|541
Tucson|AZ|85705 85711 85716|520
Boise|ID|83702 83704 83706|208
Omaha|NE|68104 68106 68132|402
Lincoln|NE|68502 68506 68510|402
Madison|WI|53703 53704 53711|608
Milwaukee|WI|53202 53207 53211|414
Des Moines|IA|50309 50310 50312|515
Tulsa|OK|74104 74105 74112|918
Knoxville|TN|37917 37918 37919|865
Memphis|TN|38104 38111 38117|901
Raleigh|NC|27603 27606 27609|919
Greensboro|NC|27401 27403 27408|336
Richmond|VA|23220 23223 23225|804
Albany|NY|12203 12206 12208|518
Rochester|NY|14607 14609 14618|585
Pittsburgh|PA|15206 15212 15217|412
Spokane|WA|99201 99203 99205|509
Tacoma|WA|98403 98405 98406|253
Duluth|MN|55803 55804 55805|218
Wichita|KS|67203 67208 67212|316
Louisville|KY|40204 40206 40214|502
Lexington|KY|40502 40503 40508|859
Fort Wayne|IN|46802 46805 46807|260
Grand Rapids|MI|49503 49504 49506|616
Baton Rouge|LA|70806 70808 70810|225
Savannah|GA|31401 31404 31405|912
"""

STATES = {
    "OH": "Ohio", "OR": "Oregon", "AZ": "Arizona", "ID": "Idaho", "NE": "Nebraska", "WI": "Wisconsin", "IA": "Iowa",
    "OK": "Oklahoma", "TN": "Tennessee", "NC": "North Carolina", "VA": "Virginia", "NY": "New York",
    "PA": "Pennsylvania", "WA": "Washington", "MN": "Minnesota", "KS": "Kansas", "KY": "Kentucky", "IN": "Indiana",
    "MI": "Michigan", "LA": "Louisiana", "GA": "Georgia",
}  # fmt: skip


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _chinese(line: str) -> ChinesePlace:
    province, city, postcode, area_code, districts = line.split("|")
    return ChinesePlace(province, city, postcode, area_code, tuple(districts.split()))


def _american(line: str) -> AmericanPlace:
    city, state, zips, area_code = line.split("|")
    return AmericanPlace(city, state, tuple(zips.split()), area_code)


CHINA = tuple(_chinese(line) for line in _CHINA.strip().splitlines())
AMERICA = tuple(_american(line) for line in _AMERICA.strip().splitlines())

ROADS = _words(
    "人民 解放 建设 和平 文化 新华 长江 黄河 学府 光明 胜利 迎宾 青年 友谊 团结 幸福 工业 桃园 滨河 湖滨 兴业 振兴 "
    "健康 育才 康乐 永安 泰山 华山 平安 红旗"
)
ROAD_ENDS = _words("路 街 东路 西路 南路 北路 中路 大道")
COMPOUNDS = _words(
    "翠竹 金桂 碧水 云锦 听雨 望湖 锦绣 丹枫 紫荆 清荷 明月 悦海 松涛 瑞景 梧桐 春晓 银杏 怡和 晨曦 秋实 百合 兰亭 "
    "静水 福临 嘉禾 彩虹 溪畔 枫林"
)
COMPOUND_ENDS = _words("苑 家园 花园 公寓 小区 新村 华庭 雅居")

STREETS = _words(
    "Alder Copper Fennel Harrow Juniper Kestrel Lantern Marlow Nettle Otter Pepper Quarry Rowan Saddle Thistle "
    "Umber Velvet Willet Yarrow Bramble Cinder Drover Ember Foxtail Gravel Heron"
)
STREET_MIDDLES = _words("Hollow Bend Meadow Crossing Mill Spring Orchard Ferry Ridge Landing")
STREET_ENDS = _words("Lane Street Road Drive Court Avenue Way Place")
