"""Leaving messages and listening to them."""

PHRASES = {
    "mailbox-leave": (
        "请在提示音后留言，说完请按井号键。",
        "Please leave your message after the tone, and press the hash key when you've finished.",
    ),
    "mailbox-too-short": (
        "您的留言太短，没有保存，请再录一次。",
        "That was too short to keep. Please try once more.",
    ),
    "mailbox-nothing-heard": ("没有听到声音，请再录一次。", "I didn't hear anything. Please try once more."),
    "mailbox-review": (
        "保存留言请按1，听一遍请按2，重新录制请按3。",
        "To keep your message, press 1. To hear it, press 2. To record it again, press 3.",
    ),
    "mailbox-saved": (
        "您的留言已经保存，我们会尽快和您联系。谢谢，再见。",
        "Your message is saved, and we'll get back to you soon. Thank you. Goodbye.",
    ),
    "mailbox-full": (
        "对不起，信箱已满，暂时不能留言，请您稍后再拨。",
        "Sorry, this mailbox is full. Please call back later.",
    ),
    "mailbox-time-up": ("留言时间到了。", "That's all the time there is for one message."),
    "mailbox-none": ("您没有新留言。", "You have no new messages."),
    "mailbox-menu": (
        "下一条请按1，再听一遍请按2，删除请按3，上一条请按4，结束请按星号键。",
        "For the next message, press 1. To hear this one again, press 2. To delete it, press 3. "
        "For the one before, press 4. To finish, press star.",
    ),
    "mailbox-deleted": ("已删除。要恢复请按3。", "Deleted. To get it back, press 3."),
    "mailbox-restored": ("已恢复。", "I've put it back."),
    "mailbox-no-more": ("没有更多留言了。", "There are no more messages."),
    "mailbox-first": ("这是第一条留言。", "This is the first message."),
    "mailbox-unreadable": ("这条留言无法播放。", "I can't play this message."),
    "mailbox-unknown": ("没有这个信箱。", "There's no such mailbox."),
}
