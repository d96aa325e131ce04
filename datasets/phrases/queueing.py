"""While someone waits for an agent."""

PHRASES = {
    "queue-next": ("马上就轮到您了，请不要挂机。", "You're next. Please stay on the line."),
    "wait-short": ("预计等候不到一分钟。", "Your wait should be less than a minute."),
    "wait-long": (
        "预计等候时间比较长，请您谅解。",
        "I'm afraid your wait may be rather long. Thanks for bearing with us.",
    ),
    "wait-unknown": ("我们会尽快为您接通。", "We'll be with you as soon as we can."),
    "last-agent": (
        "上次为您服务的坐席现在有空。请这位坐席接听请按1，其他坐席请按2。",
        "The colleague who served you last time is free. To speak to them again, press 1. For anyone else, press 2.",
    ),
    "last-agent-busy": (
        "上次为您服务的坐席正忙，我们为您转接其他坐席。",
        "The colleague who served you last time is busy. I'll find you someone else.",
    ),
    "queue-full": (
        "对不起，现在等候的人太多，请您稍后再拨。",
        "Sorry, too many people are waiting just now. Please call back a little later.",
    ),
    "queue-choices": (
        "现在等候的人比较多。预约回电请按1，留言请按2，继续等候请不要挂机。",
        "A lot of people are waiting. To have us call you back, press 1. To leave a message, press 2. "
        "Or just stay on the line.",
    ),
    "overflow-queue": (
        "这一组坐席都在忙，我们为您转到另一组，请稍等。",
        "That team is busy, so I'm passing you to another one. Please hold.",
    ),
    "overflow-mailbox": (
        "对不起，坐席都在忙，现在为您转到语音信箱，请您留言。",
        "Sorry, all our agents are busy. I'm putting you through to our mailbox, where you can leave a message.",
    ),
    "overflow-callback": (
        "对不起，坐席都在忙，我们可以稍后给您回电。",
        "Sorry, all our agents are busy. We can call you back instead.",
    ),
    "next-agent": (
        "对不起，刚才的坐席没有接听，正在为您转接下一位。",
        "Sorry, nobody picked up there. I'm trying the next agent.",
    ),
    "back-in-queue": (
        "对不起，您又回到了等候队列，您的位置会排在最前面。",
        "Sorry about that. You're back in the queue, right at the front.",
    ),
}
