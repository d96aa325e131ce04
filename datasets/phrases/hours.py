"""Who is calling, and when: greetings, lunch, night, holidays. Who is on the blacklist hears the busy tone only."""

PHRASES = {
    "greeting-vip": (
        "尊敬的贵宾，您好，很高兴为您服务。您的来电将优先接听。",
        "Hello, and welcome back. As one of our priority customers, you'll be answered first.",
    ),
    "greeting-known": ("您好，欢迎您再次来电。", "Hello, it's good to hear from you again."),
    "greeting-lunch": (
        "您好，现在是午休时间，我们为您转接值班人员，请稍等。",
        "Hello. We're on our lunch break just now, so I'm putting you through to the person on duty.",
    ),
    "greeting-night": (
        "您好，现在是下班时间，没有坐席接听。",
        "Hello. Our office is closed for the day, and nobody is here to take your call.",
    ),
    "greeting-holiday": (
        "您好，今天放假，没有坐席接听。祝您节日愉快。",
        "Hello. We're closed today for the holiday, and we wish you a happy one.",
    ),
    "menu-night": (
        "留言请按1，预约回电请按2，结束请直接挂机。",
        "To leave a message, press 1. To have us call you back, press 2. Otherwise, just hang up.",
    ),
    "duty-calling": ("正在为您拨打值班电话，请不要挂机。", "I'm calling the person on duty. Please stay on the line."),
    "duty-next": ("暂时没有人接听，正在为您拨打下一个号码。", "No answer there. I'm trying the next number."),
    "duty-nobody": (
        "对不起，值班人员现在没有接听，请您留言。",
        "Sorry, the person on duty isn't answering. Please leave us a message.",
    ),
    "anonymous-refused": (
        "对不起，我们不接听隐藏号码的来电，请您显示号码后再拨。",
        "Sorry, we don't take calls from withheld numbers. Please show your number and call again.",
    ),
    "operator": ("正在为您转接人工总机，请稍等。", "I'm putting you through to the operator. Please hold."),
    "operator-away": (
        "对不起，总机现在没有人接听。",
        "Sorry, the operator isn't there just now.",
    ),
}
