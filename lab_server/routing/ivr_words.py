"""What a drawing of menus says of nodes and exits, in both languages."""

from datasets.language import Language
from lab_server.routing import ivr_nodes as nodes
from lab_server.routing.target import Kind, Target

_EXITS: dict[str, tuple[str, str]] = {
    "next": ("", ""),
    "seats": ("工号", "agent"),
    "ok": ("通过", "right"),
    "default": ("其他", "else"),
    "case yes": ("是", "yes"),
    "case no": ("否", "no"),
}
_FAILED: dict[str, tuple[str, str]] = {
    "keys": ("未按", "none"),
    "digits": ("未输", "none"),
    "member": ("不符", "wrong"),
    "say": ("查无", "none"),
}
_TARGETS: dict[Kind, tuple[str, str]] = {
    Kind.QUEUE: ("队列", "Queue"),
    Kind.SEAT: ("坐席", "Agent"),
    Kind.GROUP: ("随行", "Follow-me"),
    Kind.MAILBOX: ("信箱", "Mailbox"),
    Kind.MENU: ("菜单", "Menu"),
    Kind.NUMBER: ("外线", "Number"),
    Kind.CALLBACK: ("回电", "Call back"),
    Kind.OPERATOR: ("总机", "Operator"),
    Kind.HANGUP: ("挂机", "Hang up"),
}
_FACTS: dict[str, tuple[str, str]] = {
    "vip": ("贵宾？", "VIP?"),
    "recognised": ("老客户？", "Known customer?"),
    "anonymous": ("号码隐藏？", "Number withheld?"),
    "language": ("语言？", "Language?"),
    "period": ("时段？", "Period?"),
    "collected": ("已有", "Do we have"),
    "value": ("取值", "Value of"),
}
_FIGURES: dict[str, tuple[str, str]] = {
    "balance": ("报余额", "Say the balance"),
    "points": ("报积分", "Say the points"),
    "last_order": ("报最近的订单", "Say the last order"),
    "order_state": ("报订单状态", "Say where the order is"),
    "queue_wait": ("报等候时间", "Say the expected wait"),
    "queue_length": ("报排队人数", "Say how many wait"),
    "number": ("复述号码", "Read the number back"),
    "time": ("报时间", "Say the time"),
}


def exit_word(node: nodes.Node, word: str, language: Language) -> str:
    """What stands on the line of an exit: a key, or when it is taken."""
    kind, _, value = word.partition(" ")
    if kind == "key":
        return value
    pair = _FAILED.get(node.kind, ("", "")) if word == "failed" else _EXITS.get(word, (value, value))
    return pair[language == "en"]


def target_word(target: Target, language: Language) -> str:
    """`队列 order`, `Hang up`."""
    said = _TARGETS[target.kind][language == "en"]
    name = _keyed_seat(language) if target.name == nodes.KEYED_SEAT else target.name
    return f"{said} {name}".strip()


def _keyed_seat(language: Language) -> str:
    return ("所拨工号", "that was keyed")[language == "en"]


def deed(node: nodes.Node, language: Language) -> str:
    """What a node without a prompt does; empty for those that say their prompt."""
    at = language == "en"
    match node:
        case nodes.Say():
            said = _FIGURES.get(node.figure, (node.figure, node.figure))[at]
        case nodes.Branch():
            what, _, blank = node.on.partition(":")
            said = f"{_FACTS[what][at]} {blank}{'？?'[at]}" if blank else _FACTS[what][at]
        case nodes.SwitchLanguage():
            said = {"zh-CN": ("改说中文", "Switch to Chinese"), "en": ("改说英语", "Switch to English")}[node.to][at]
        case nodes.Note():
            said = f"{('记下', 'Note')[at]} {node.into} = {node.value}"
        case nodes.Go():
            otherwise = f" ↪ {target_word(node.otherwise, language)}" if node.otherwise else ""
            said = target_word(node.to, language) + otherwise
        case _:
            said = ""
    return said
