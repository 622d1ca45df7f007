# SPDX-License-Identifier: Apache-2.0
#
# Files at their limits, a line for each thing seen: limits.py WHAT NUMBER, in an empty directory.
import errno, hashlib, os, resource, sys


def say(what, *seen):
    print(what + ":", *seen, flush=True)


def tried(what, do):
    try:
        say(what, do())
    except OSError as e:
        say(what, errno.errorcode[e.errno])


def entries(n):
    """A directory of n entries, each of them found, half of them removed while the directory is read."""
    os.mkdir("d")
    d = os.open("d", os.O_RDONLY | os.O_DIRECTORY)
    for i in range(n):
        os.close(os.open(f"name-{i:07}", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644, dir_fd=d))
    names = sorted(os.listdir("d"))
    say("names", len(names), hashlib.sha256("\n".join(names).encode()).hexdigest())
    tried("one that is there", lambda: os.open(f"name-{n - 1:07}", os.O_CREAT | os.O_EXCL, dir_fd=d))
    tried("one that is not", lambda: os.stat(f"name-{n:07}", dir_fd=d))
    tried("rmdir", lambda: os.rmdir("d"))
    seen = removed = 0
    with os.scandir("d") as it:
        for e in it:
            seen += 1
            if int(e.name[5:]) % 2 == 0:
                os.unlink(e.name, dir_fd=d)
                removed += 1
    say("seen while half were removed", seen, removed)
    os.rename("d", "e")
    left = os.listdir("e")
    say("left", len(left), all(int(x[5:]) % 2 for x in left))
    for x in left:
        os.unlink(x, dir_fd=d)
    say("empty", os.listdir("e"), os.rmdir("e"), os.fstat(d).st_nlink)


def sparse(n):
    """A file of n bytes that holds three of them."""
    f = os.open("f", os.O_CREAT | os.O_RDWR, 0o644)
    os.ftruncate(f, n)
    say("size", os.fstat(f).st_size, "blocks", os.fstat(f).st_blocks)
    for at in (0, n // 2, n - 1):
        say("written at", at, os.pwrite(f, b"x", at))
    say("takes little", os.fstat(f).st_blocks < 1000)
    at, data = 0, []
    while True:
        try:
            start = os.lseek(f, at, os.SEEK_DATA)
        except OSError as e:
            say("no more data", errno.errorcode[e.errno])
            break
        at = os.lseek(f, start, os.SEEK_HOLE)
        data.append((start, at))
    say("data", data)
    say("read at the end", os.pread(f, 100, n - 3), os.pread(f, 1, n))
    os.ftruncate(f, n // 2)
    say("halved", os.fstat(f).st_size, os.lseek(f, 1 << 20, os.SEEK_HOLE) if n > 1 << 21 else "")
    tried("before the start", lambda: os.lseek(f, -1, os.SEEK_SET))


def path(n):
    """Paths of n bytes, and a tree that is deeper than any path."""
    part = "p" * 100
    here = os.open(".", os.O_RDONLY)
    depth = n // 101 + 10
    for _ in range(depth):
        os.mkdir(part)
        os.chdir(part)
    tried("getcwd of the depth", lambda: len(os.getcwd()) > n)
    open("bottom", "w").close()
    os.fchdir(here)
    for size in (n - 2, n - 1, n, n + 1):
        p = (part + "/") * (size // 101 + 1)
        p = p[:size - 1].rstrip("/")
        p += "/" * (size - len(p))
        tried(f"mkdir of {size} bytes", lambda: os.mkdir(p))
        tried(f"stat of {size} bytes", lambda: os.stat(p).st_nlink)
        tried(f"readlink of {size} bytes", lambda: os.readlink(p))
        tried(f"symlink to {size} bytes", lambda: os.symlink(p, f"link-{size}"))
    for name in (255, 256):
        tried(f"a name of {name}", lambda: os.close(os.open("n" * name, os.O_CREAT | os.O_WRONLY)))
    found = 0
    for _, _, files in os.walk(".", onerror=None):
        found += "bottom" in files
    say("found by its path", found)
    say("rm", os.system("rm -r p*"), sorted(x[:9] for x in os.listdir(".")))


def descriptors(n):
    """n open files, or as many as the limit lets one have."""
    os.closerange(3, 1 << 16)  # what was inherited is not the same on both sides
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    limit = n + 100 if hard == resource.RLIM_INFINITY else min(n + 100, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    open("f", "w").write("0123456789")
    fds = []
    try:
        while len(fds) < n:
            fds.append(os.open("f", os.O_RDONLY))
    except OSError as e:
        say("stopped by", errno.errorcode[e.errno])
    say("open", len(fds), "the last", fds[-1])
    for fd in fds[-10:]:
        os.close(fd)
    del fds[-10:]
    for fd in fds[::1000]:
        os.lseek(fd, fd % 10, os.SEEK_SET)
    say("each at its place", all(os.read(fd, 1) == b"%d" % (fd % 10) for fd in fds[::1000]))
    say("listed", len(set(map(str, fds)) - set(os.listdir("/proc/self/fd"))), "of them not")
    pid = os.fork()
    if pid == 0:
        os.closerange(fds[0], fds[-1] + 1)
        try:
            os.fstat(fds[-1])
        except OSError as e:
            os._exit(e.errno)
        os._exit(0)
    say("closed in the child", errno.errorcode[os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])], "and open here", os.fstat(fds[-1]).st_size)


{"entries": entries, "sparse": sparse, "path": path, "descriptors": descriptors}[sys.argv[1]](int(sys.argv[2]))
