"""Sends forms of Python's `email` and of curl, and prints each answer that is not as expected.

The first argument is the address of the server. The script in each form answers 2.
"""

import email
import http.client
import io
import subprocess
import sys
import tempfile
from email.generator import BytesGenerator
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import HTTP, compat32

ADDRESS = sys.argv[1]
SCRIPT = "result = 1 + 1"
RAN, MISSING = "200 2", "400 No script file provided"
FILE_NAMES = [
    "s.py", "a b.py", 'q"uote.py', "semi;colon.py", "x; name=other", "naïve.py", "日本.py", "😀.py",
    "per%22cent.py", "back\\slash.py", "a=b.py", "../../etc/passwd", "C:\\dir\\s.py", "'single'.py",
    ".hidden", "x" * 200 + ".py", 'name="script"', "script", "0", "filename=x", "--boundary--",
    "a,b.py", "(c).py", "<d>.py", "e@f.py", "g:h.py", "k?l.py", "m[n].py", "o{p}.py", "~q.py",
]
BOUNDARIES = [None, "b", "b" * 70, "a'()+_,-./:=?z", "x y z1"]
POLICIES = [
    compat32.clone(linesep="\r\n", max_line_length=0),
    compat32.clone(linesep="\r\n", max_line_length=78),
    HTTP,
]

count = 0


def check(what, answer, *expected):
    global count
    count += 1
    if answer not in expected:
        print(f"{what}: {answer!r}, not {expected}")


def post(body, content_type):
    connection = http.client.HTTPConnection(ADDRESS, timeout=60)
    connection.request("POST", "/run_script", body, {"Content-Type": content_type})
    response = connection.getresponse()
    return f"{response.status} {response.read().decode()}"


def form_of_email(file_name, boundary, policy, others):
    """Head and body, as the module writes them; long headers are folded."""
    form = MIMEMultipart("form-data", boundary=boundary)
    parts = []
    for number in range(others):
        other = MIMEText("x = 1", "plain", "utf-8")
        other.add_header("Content-Disposition", "form-data", name=f"é{number}", filename='q";.py')
        parts.append(other)
    script = MIMEText(SCRIPT, "plain", "us-ascii")
    del script["Content-Transfer-Encoding"]
    value = ("utf-8", "", file_name) if not file_name.isascii() else file_name
    # In both orders.
    fields = [("name", "script"), ("filename", value)]
    script.add_header("Content-Disposition", "form-data", **dict(fields[:: -1 if others else 1]))
    parts.append(script)
    for part in parts:
        del part["MIME-Version"]
        form.attach(part)
    written = io.BytesIO()
    BytesGenerator(written, mangle_from_=False, policy=policy).flatten(form)
    head, body = written.getvalue().split(b"\r\n\r\n", 1)
    content_type = email.message_from_bytes(head + b"\r\n\r\n")["Content-Type"]
    return body, " ".join(content_type.split())


def check_email():
    for number, file_name in enumerate(FILE_NAMES):
        for policy in POLICIES:
            boundary = BOUNDARIES[number % len(BOUNDARIES)]
            others = number % 3
            form = form_of_email(file_name, boundary, policy, others)
            check(("email", file_name, boundary, others), post(*form), RAN)


def curl(*arguments):
    command = ["curl", "-sS", "-w", "\n%{http_code}", *arguments, f"http://{ADDRESS}/run_script"]
    answer, _, status = subprocess.run(command, capture_output=True, text=True).stdout.rpartition("\n")
    return f"{status} {answer}"


def check_curl(folder):
    path = folder + "/s.py"
    with open(path, "w", encoding="utf-8") as file:
        file.write(SCRIPT)
    for file_name in FILE_NAMES:
        quoted = file_name.replace("\\", "\\\\").replace('"', '\\"')
        check(("curl", file_name), curl("-F", f'script=@{path};filename="{quoted}"'), RAN)
    for options in [
        ["-F", f"script=@{path}"],
        ["-F", f"script=@{path};type=text/x-python"],
        ["-F", f"script=@{path};encoder=8bit"],
        ["-F", f"script=@{path};headers=X-A: b"],
        ["-F", "a=b", "-F", f"script=@{path}"],
        ["-F", "script=result = 9", "-F", f"script=@{path}"],
        ["-H", "Transfer-Encoding: chunked", "-F", f"script=@{path}"],
        ["-H", "Expect: 100-continue", "-F", f"script=@{path}"],
        ["--form-escape", "-F", f'script=@{path};filename="a\\"b.py"'],
    ]:
        check(("curl", options), curl(*options), RAN)
    for options in [
        ["-F", "script=" + SCRIPT],
        ["-F", f"script=<{path}"],
        ["-F", f"script=@{path};filename="],
        ["-F", f"other=@{path}"],
    ]:
        check(("curl", options), curl(*options), MISSING)
    for encoding in ["base64", "quoted-printable"]:
        refused = f"400 The part 'script' is encoded as {encoding}: send the file without Content-Transfer-Encoding"
        check(("curl", encoding), curl("-F", f"script=@{path};encoder={encoding}"), refused)


def check_raw():
    dispositions = [
        "form-data; name=script; filename=s.py",
        'FORM-DATA; NAME="script"; FILENAME="s.py"',
        "form-data; filename*=utf-8''x; name=\"script\"",
        'form-data;name="script";;filename="s";',
        'form-data;\r\n name="script";\r\n\tfilename="s"',
    ]
    content_types = [
        "multipart/form-data; boundary=B",
        'multipart/form-data; boundary="B"',
        "Multipart/Form-Data ; Boundary=B",
        "multipart/form-data;charset=utf-8; boundary=B",
    ]
    preambles = ["", "\r\n", "preamble\r\n"]
    ends = ["--B--", "--B--\r\n", "--B--\r\nepilogue"]
    for at, cases in enumerate([dispositions, content_types, preambles, ends]):
        for case in cases:
            chosen = [dispositions[0], content_types[0], preambles[0], ends[0]]
            chosen[at] = case
            disposition, content_type, preamble, end = chosen
            body = f"{preamble}--B\r\nContent-Disposition: {disposition}\r\n\r\n{SCRIPT}\r\n{end}"
            check(("raw", case), post(body.encode(), content_type), RAN)


check_email()
with tempfile.TemporaryDirectory() as folder:
    check_curl(folder)
check_raw()
if count < 140:
    print("only", count, "forms were sent")
