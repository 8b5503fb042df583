# Runs a program on a pseudo-terminal of its own and records what it writes: pseudo-terminal.py COLUMNS ROWS COMMAND...
# On standard input it takes commands, one a line: `size COLUMNS ROWS` and `interrupt`. On standard output it writes one line of
# JSON for each piece of output, {"text": ...}, and at the end {"exitCode": ...}.
import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios


def resize(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def tell(fact):
    sys.stdout.write(json.dumps(fact) + "\n")
    sys.stdout.flush()


columns, rows, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
child, terminal = pty.fork()
if child == 0:
    # Not before the terminal has its size.
    sys.stdin.readline()
    os.execvp(command[0], command)
resize(terminal, columns, rows)
os.write(terminal, b"\n")

commands = b""
wanted = [terminal, 0]
while True:
    ready, _, _ = select.select(wanted, [], [])
    if 0 in ready:
        read = os.read(0, 4096)
        if read == b"":
            wanted.remove(0)
        commands += read
        while b"\n" in commands:
            line, commands = commands.split(b"\n", 1)
            words = line.decode().split()
            if words[0] == "size":
                resize(terminal, int(words[1]), int(words[2]))
            elif words[0] == "interrupt":
                # As the key: the terminal sends the signal.
                os.write(terminal, b"\x03")
    if terminal in ready:
        try:
            output = os.read(terminal, 65536)
        except OSError:
            output = b""
        if output == b"":
            break
        tell({"text": output.decode("utf-8", "replace")})

_, status = os.waitpid(child, 0)
tell({"exitCode": os.waitstatus_to_exitcode(status)})
