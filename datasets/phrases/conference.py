"""The conference; joining and leaving are told by tones."""

PHRASES = {
    "conference-welcome": ("欢迎参加电话会议。", "Welcome to the conference."),
    "conference-alone": ("现在只有您一位，请等候其他人加入。", "You're the only one here. Please wait for the others."),
    "conference-invited": (
        "您好，请您参加一个电话会议。加入请按1，不参加请按2。",
        "Hello, you're invited to a conference. To join, press 1. If you can't, press 2.",
    ),
    "conference-number": (
        "请输入会议号，按井号键结束。",
        "Please enter the conference number, then press the hash key.",
    ),
    "conference-unknown": ("没有这个会议，请核对会议号。", "There's no such conference. Please check the number."),
    "conference-pin": ("请输入会议密码，按井号键结束。", "Please enter the conference PIN, then press the hash key."),
    "conference-locked": ("会议已经锁定，不能加入。", "This conference is locked, and nobody else can join."),
    "conference-full": ("会议人数已满，不能加入。", "This conference is full."),
    "conference-lock-on": ("会议已锁定。", "The conference is locked."),
    "conference-lock-off": ("会议已解锁。", "The conference is open again."),
    "conference-muted": ("您已被静音。", "You're muted."),
    "conference-unmuted": ("静音已取消，您可以发言。", "You can speak now."),
    "conference-dropped": ("您已被请出会议。", "You've been taken out of the conference."),
    "conference-recorded": ("本次会议正在录音。", "This conference is being recorded."),
    "conference-ended": ("会议已经结束，再见。", "The conference is over. Goodbye."),
}
