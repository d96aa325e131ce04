"""Who proves to be a member, and what he may then hear: balance, orders."""

PHRASES = {
    "account-menu": (
        "查询余额请按1，查询订单请按2，人工服务请按0，返回请按星号键。",
        "For your balance, press 1. For an order, press 2. To speak to someone, press 0. To go back, press star.",
    ),
    "member-number": ("请输入您的会员号，按井号键结束。", "Please enter your member number, then press the hash key."),
    "member-unknown": (
        "对不起，没有这个会员号，请核对后重新输入。",
        "Sorry, I can't find that member number. Please check it and try again.",
    ),
    "pin": ("请输入您的密码，按井号键结束。", "Please enter your PIN, then press the hash key."),
    "wrong-pin": ("密码不对，请重新输入。", "That PIN isn't right. Please try again."),
    "pin-locked": (
        "对不起，密码多次输入错误，为了您的安全，自助查询已经锁定，请联系人工坐席。",
        "Sorry, the PIN was wrong too many times. To keep you safe I've locked it. Please speak to one of our agents.",
    ),
    "member-checked": ("谢谢，您的身份已经核对。", "Thank you. That's all correct."),
    "balance-unavailable": (
        "对不起，现在查不到您的余额，请稍后再试。",
        "Sorry, I can't look up your balance right now. Please try again later.",
    ),
    "order-number": ("请输入您的订单号，按井号键结束。", "Please enter your order number, then press the hash key."),
    "order-unknown": (
        "对不起，没有查到这个订单，请核对订单号后再试。",
        "Sorry, I can't find that order. Please check the number and try again.",
    ),
    "order-unavailable": (
        "对不起，现在查不到订单，请稍后再试。",
        "Sorry, I can't look up orders right now. Please try again later.",
    ),
    "anything-else": (
        "继续查询请按1，人工服务请按0，结束请直接挂机。",
        "For something else, press 1. To speak to someone, press 0. Or simply hang up.",
    ),
    "nothing-entered": ("没有收到您的输入，请再试一次。", "I didn't get anything. Please try again."),
    "too-many-tries": (
        "对不起，多次没有收到正确的输入，正在为您转接人工坐席。",
        "Sorry, that didn't work. I'm putting you through to one of our agents.",
    ),
}
