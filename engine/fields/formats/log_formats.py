"""The log formats that are known by name, those with more fields before those that match more lines."""

from engine.fields.formats.log_line import LogLine
from engine.time_forms import ISO

_LEVEL = (
    "(?P<level>(?i:trace|debug|fine|info|information|notice|warn|warning|error|err|fatal|critical|severe"
    "|alert|emerg|panic))"
)
_ISO = f"(?P<time>{ISO})"
_SLASHES = r"(?P<time>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?)"
_QUOTED = r'(?:[^"\\]|\\.)*'
_MESSAGE = "(?P<message>.*)"

_CLIENT = r"(?P<host>\S+) (?P<ident>\S+) (?P<user>\S+) \[(?P<time>[^\]]+)\] "
_ANSWER = rf' (?P<status>\d{{3}}) (?P<bytes>\d+|-)(?: "(?P<referer>{_QUOTED})" "(?P<agent>{_QUOTED})")?.*'
_SYSLOG_TIME = r"(?P<time>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))"
_SYSLOG = rf"(?:<(?P<priority>\d{{1,3}})>)?{_SYSLOG_TIME} (?P<host>\S+) "
_PID = r"(?:\[(?P<pid>\d+)\])?: ?"
_LOG4J = (
    rf"(?: -)? +{_LEVEL} +(?:\[(?P<thread>[^\]]*(?:\][^\]\s]+)?)\] +)?"
    rf"(?:- +|(?P<logger>[\w.$@/-]+) ?(?:: |- )){_MESSAGE}"
)

LOG_FORMATS = (
    LogLine(
        "access",
        rf'{_CLIENT}"(?P<method>[A-Z]+) (?P<path>\S+)(?: (?P<protocol>[A-Z]+/[\d.]+))?"{_ANSWER}',
        rf'{_CLIENT}"(?P<request>{_QUOTED})"{_ANSWER}',
    ),
    LogLine(
        "apache-error",
        r"\[(?P<time>[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d [\d:.]+ \d{4})\] "
        r"\[(?:(?P<module>\w+):)?(?P<level>\w+)\] (?:\[pid (?P<pid>\d+)(?::tid (?P<tid>\d+))?\] )?"
        rf"(?:\[client (?P<client>[^\]]+)\] )?{_MESSAGE}",
    ),
    LogLine(
        "nginx-error",
        rf"{_SLASHES} \[(?P<level>\w+)\] (?P<pid>\d+)#(?P<tid>\d+): (?:\*(?P<connection>\d+) )?"
        r"(?P<message>.*?)(?:, client: (?P<client>[^,]+)(?:, server: (?P<server>[^,]*))?"
        rf'(?:, request: "(?P<request>{_QUOTED})")?.*)?',
    ),
    LogLine(
        "klog",
        r"(?P<level>[IWEF])(?P<time>\d{4} \d\d:\d\d:\d\d\.\d{6}) +(?P<thread>\d+) "
        rf"(?P<source>[^\s:]+:\d+)\] {_MESSAGE}",
    ),
    LogLine("cri", rf"{_ISO} (?P<stream>stdout|stderr) (?P<tag>[A-Z]) {_MESSAGE}"),
    LogLine(
        "sshd",
        rf"{_SYSLOG}(?P<app>sshd[\w-]*){_PID}(?P<message>"
        r"(?P<event>[A-Z][\w/-]*(?: [a-z]+)*?)(?: (?:for|user)(?: invalid user)? (?P<user>\S*))? "
        r"from (?P<address>[\da-fA-F.:]*[\da-fA-F])(?: port (?P<port>\d+))?(?:[ :].*)?|.*)",
    ),
    LogLine(
        "syslog5424",
        r"<(?P<priority>\d{1,3})>(?P<version>\d{1,2}) (?P<time>\S+) (?P<host>\S+) (?P<app>\S+) (?P<pid>\S+) "
        rf'(?P<msgid>\S+) (?P<data>-|(?:\[(?:[^\]"]|"{_QUOTED}")*\])+)(?: \x{{feff}}?{_MESSAGE})?',
    ),
    LogLine(
        "hdfs",
        rf"(?P<time>\d{{6}} \d{{6}}) (?P<pid>\d+) {_LEVEL} (?P<component>[^\s:]+): {_MESSAGE}",
    ),
    LogLine(
        "python",
        rf"{_ISO}(?: - | )(?P<logger>[\w.]+) - {_LEVEL} - {_MESSAGE}",
        rf"(?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL):(?P<logger>[\w.]+):{_MESSAGE}",
    ),
    LogLine("log4j", rf"{_ISO}{_LOG4J}", rf"(?P<time>\d\d/\d\d/\d\d \d\d:\d\d:\d\d){_LOG4J}"),
    LogLine("log", rf"{_ISO}[ \t]+\[?{_LEVEL}\]?(?:[: \t]+{_MESSAGE})?"),
    LogLine("go", rf"{_SLASHES} (?:(?P<source>[^\s:]+\.go:\d+): )?(?:\[?{_LEVEL}\]?:? )?{_MESSAGE}"),
    # After the one above, since any word may be a host.
    LogLine("syslog", rf"{_SYSLOG}(?P<app>[^\s:\[]+){_PID}{_MESSAGE}"),
)
