"""A call-back ordered by key: the caller keeps the place in the queue and hangs up."""

PHRASES = {
    "callback-offer": (
        "您不必在电话旁等候，我们可以给您回电，您的位置会保留。预约回电请按1，继续等候请按2。",
        "You don't have to wait on the phone. We can call you back, and you'll keep your place. "
        "For a call back, press 1. To go on waiting, press 2.",
    ),
    "callback-this-number": (
        "回拨您现在用的号码请按1，换一个号码请按2，取消请按星号键。",
        "To be called on the number you're using now, press 1. For another number, press 2. To cancel, press star.",
    ),
    "callback-enter-number": (
        "请输入您的电话号码，固定电话请加区号，按井号键结束。",
        "Please enter the phone number, with its area code, then press the hash key.",
    ),
    "callback-confirm": ("正确请按1，重新输入请按2。", "If that's right, press 1. To enter it again, press 2."),
    "callback-bad-number": (
        "对不起，这个号码不能回拨，请重新输入。",
        "Sorry, we can't call that number. Please enter another one.",
    ),
    "callback-done": (
        "已经为您登记，您在队列里的位置会保留，轮到您时我们就给您回电。再见。",
        "That's done. You keep your place in the queue, and we'll call you when it's your turn. Goodbye.",
    ),
    "callback-already": (
        "您已经预约过回电，位置还保留着，不必再次预约。再见。",
        "You've already asked us to call back, and your place is kept. There's nothing more to do. Goodbye.",
    ),
    "callback-refused": (
        "对不起，现在不能预约回电。",
        "Sorry, we can't take any more call backs just now.",
    ),
    "callback-cancelled": ("回电已经取消。", "Your call back is cancelled."),
    "callback-agent": (
        "这是客户预约的回电，正在为您接通客户，请稍等。",
        "This is a call back for a customer. I'm calling them now. Please hold.",
    ),
    "callback-customer": (
        "您好，这里是客户服务热线。您预约了回电，正在为您接通坐席，请稍等。",
        "Hello, this is customer service with the call back you asked for. I'm connecting you now. Please hold.",
    ),
    "callback-no-answer": (
        "客户没有接听，系统稍后会再拨。",
        "The customer didn't answer. We'll try again later.",
    ),
}
