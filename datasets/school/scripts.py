"""Talk scripts by queue: step, its title, what to say. `{caller|您}`: how the customer is addressed, else 您."""

from typing import NamedTuple

from datasets.language import Language

Steps = tuple[tuple[str, str, str], ...]


class Script(NamedTuple):
    """`queue` empty: for queues without their own. A step: key, title, text."""

    queue: str
    language: Language
    title: str
    steps: Steps


SCRIPTS: tuple[Script, ...] = (
    Script(
        "", "zh-CN", "通用话术",
        (
            ("greet", "开头", "{daytime}，{caller|感谢来电}，这里是{company}，我是{agent}，请问有什么可以帮您？"),
            ("listen", "听清需求", "好的，我听明白了，您是想……对吧？我马上帮您看一下。"),
            ("hold", "请客户稍等", "我需要查一下，大概半分钟，您别挂机，可以吗？"),
            ("back", "回到通话", "让您久等了，查到了。"),
            ("number", "核对电话", "我跟您核对一下电话，是{number|您现在打来的这个号码}吗？"),
            ("close", "结束", "还有别的需要吗？好的，{caller|您}慢走，稍后请您给我打个分，再见。"),
        ),
    ),
    Script(
        "complaint", "zh-CN", "投诉",
        (
            ("greet", "开头", "{daytime}，{caller|感谢来电}，我是{agent}，请问遇到什么事了？您慢慢说，我记下来。"),
            ("sorry", "先道歉，再问", "给您添麻烦了，真不好意思。东西是什么时候收到的？订单号方便报一下吗？{order|}"),
            ("facts", "问清事实", "具体是哪里不对？从什么时候开始的？有没有照片可以发给我们？"),
            ("wish", "问清要求", "您希望我们怎么处理，是修、是换，还是退款？"),
            ("repeat", "复述", "我复述一遍，您听听对不对……"),
            ("promise", "说清下一步", "我已经给您登记了，三天之内有同事给您回电话，这个号码能联系上您吗？"),
            ("close", "结束", "谢谢您告诉我们，{caller|您}放心，我会盯着的，再见。"),
        ),
    ),
    Script(
        "order", "zh-CN", "电视购物订单",
        (
            ("greet", "开头", "{daytime}，{caller|感谢来电}，这里是{company}订购热线，您看中哪一款了？"),
            ("goods", "核对商品", "好的，您要的是这一款，要什么颜色、多大的？要几件？"),
            ("price", "报价", "一共是这个价，包邮，货到付款也可以，您看行吗？"),
            ("address", "收货地址", "送到哪里？麻烦您从省市区开始说，到门牌号。"),
            ("name", "收货人", "收货人怎么称呼？是哪几个字？"),
            ("repeat", "复述订单", "我跟您核对一遍：商品、数量、地址、电话，都对吧？"),
            ("close", "结束", "好的，下单了，大概三到五天送到，谢谢{caller|您}，再见。"),
        ),
    ),
    Script(
        "survey", "zh-CN", "回访",
        (
            ("greet", "开头", "{caller|您好}，我是{company}的{agent}，想占用您两分钟做个回访，现在方便吗？"),
            ("busy", "不方便时", "那我晚点再打给您，几点比较合适？"),
            ("questions", "提问", "第一个问题……（照着右边的问卷问，客户怎么说就怎么记）"),
            ("close", "结束", "问完了，谢谢您的意见，祝您生活愉快，再见。"),
        ),
    ),
    Script(
        "", "en", "For every call",
        (
            ("greet", "Opening", "{daytime}, {caller|welcome}. This is {company}, {agent} speaking. How can I help?"),
            ("listen", "Understand", "I see. So you'd like… is that right? Let me take a look."),
            ("hold", "Before a hold", "I need to check something. It'll take about half a minute. Is that all right?"),
            ("back", "After a hold", "Thanks for waiting. I've found it."),
            ("number", "Check the number", "Is {number|the number you're calling from} the best one to reach you?"),
            ("close", "Closing", "Anything else? Then thank you, and please rate this call in a moment. Goodbye."),
        ),
    ),
    Script(
        "complaint", "en", "Complaint",
        (
            ("greet", "Opening", "{daytime}, {caller|welcome}. I'm {agent}. Tell me what happened, I'm listening."),
            ("sorry", "Say sorry first", "I'm sorry about that. When did it arrive? Do you have the order number?"),
            ("facts", "Get the facts", "What exactly is wrong? When did it start? Could you send us a photo?"),
            ("wish", "Ask what they want", "What would help you most: a repair, a replacement, or your money back?"),
            ("repeat", "Say it back", "Let me read that back to you…"),
            ("promise", "Say what happens next", "A colleague will call within three days. Is this number all right?"),
            ("close", "Closing", "Thank you for telling us. I'll keep an eye on it. Goodbye."),
        ),
    ),
    Script(
        "order", "en", "TV shopping order",
        (
            ("greet", "Opening", "{daytime}, {caller|welcome}. This is {company} orders. What caught your eye?"),
            ("goods", "The article", "Good choice. Which colour or size, and how many?"),
            ("price", "The price", "That's the total, delivery included. Cash on delivery works, too. All right?"),
            ("address", "Where to", "Where should it go? Street and number first, please."),
            ("name", "For whom", "And the name on the parcel? Could you spell it?"),
            ("repeat", "Say it back", "Let me check: article, quantity, address, phone. Is it all correct?"),
            ("close", "Closing", "It's ordered. Three to five days. Thank you, goodbye."),
        ),
    ),
    Script(
        "survey", "en", "Follow-up",
        (
            ("greet", "Opening", "{caller|Hello}, this is {agent} from {company}. Do you have two minutes?"),
            ("busy", "If it's a bad time", "I'll call later, then. What time suits you?"),
            ("questions", "The questions", "First… (ask what's on the right, word for word)"),
            ("close", "Closing", "That was all. Thank you for your time. Goodbye."),
        ),
    ),
)  # fmt: skip
