"""Who gets the next call, where a menu leads: state machines that take the time as an argument and do no I/O."""
