# Tells what inotify(7) tells of the paths that it is given, until there is an entry "end".

import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
fd = libc.inotify_init1(0)
MASK = 0x2|0x4|0x8|0x40|0x80|0x100|0x200|0x400|0x800
names = {0x2:"MODIFY",0x4:"ATTRIB",0x8:"CLOSE_WRITE",0x40:"MOVED_FROM",0x80:"MOVED_TO",0x100:"CREATE",0x200:"DELETE",0x400:"DELETE_SELF",0x800:"MOVE_SELF",0x4000:"OVERFLOW",0x8000:"IGNORED",0x40000000:"ISDIR"}
wds = {}
for path in sys.argv[1:]:
    wd = libc.inotify_add_watch(fd, path.encode(), MASK)
    wds[wd] = path
print("ready", flush=True)
cookies = {}
while True:
    b = os.read(fd, 65536)
    while b:
        wd, mask, cookie, n = struct.unpack("iIII", b[:16])
        name = b[16:16+n].rstrip(b"\0").decode()
        b = b[16+n:]
        if cookie: cookie = cookies.setdefault(cookie, len(cookies)+1)
        print(wds.get(wd, wd), "|".join(v for k, v in names.items() if mask & k), name, cookie, flush=True)
        if name == "end": sys.exit(0)
