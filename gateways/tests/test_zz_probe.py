from gateways.conftest import Gate, Wire, PASSWORD
from gateways.tests.clients import *
from gateways.tests.clients import PASSWORD as SHORT
from messaging import actions
import time, sys
def say(*a):
    print(*a, file=sys.stderr)
def drain(wire, t=1.0):
    wire.socket.settimeout(t)
    data=wire.held; wire.held=b""
    try:
        while True:
            d=wire.socket.recv(65536)
            if not d: data+=b"<EOF>"; break
            data+=d
    except TimeoutError: pass
    wire.socket.settimeout(20)
    return data
def sf(data):
    out=[]
    while len(data)>=1008:
        out.append((data[0],data[4],data[8:1008].rstrip(b"\0").decode())); data=data[1008:]
    return out, data
def test_probe(gate: Gate):
    gate.policy(**{"signin.sessions":"allow"})
    for n in ("minh","lan","hoa"): gate.person(n, SHORT)
    s=Struct(gate,"minh"); f=Frames(gate,"lan"); l=Lines(gate,"hoa"); p=Packets(gate,"lan")
    say("struct", s.try_in(), "frames", f.try_in(), "lines", l.try_in())
    time.sleep(1.5)
    say("frames in", drain(f.wire))
    p.wire.send(p.sign_in_bytes("lan",SHORT)); say("packets in", drain(p.wire,1.5))
    f.wire.send(f.text("#1 rule: hi")); say("frames #1", drain(f.wire), drain(l.wire,.3))
    f.wire.send(f.text("hello all\0")); say("frames NUL", drain(f.wire), drain(l.wire,.3))
    f.wire.send(f.text("@lan self")); say("frames self", drain(f.wire), drain(p.wire,.3))
    f.wire.send(f.text("@minh")); say("frames @minh no blank", drain(f.wire), drain(l.wire,.3))
    f.wire.send(f.text("@")); say("frames @", drain(f.wire), drain(l.wire,.3))
    f.wire.send(f.text("")); say("frames empty", drain(f.wire))
    f.wire.send(f.text("@minh @hoa two")); say("frames two", drain(f.wire), drain(l.wire,.3))
    f.wire.send(f.text("@minh @nobody two")); say("frames nobody", drain(f.wire))
    f.wire.send(f.text("@所有人 all")); say("frames all", drain(f.wire), drain(l.wire,.3), drain(p.wire,.3))
    f.wire.send(bytes.fromhex("22000004"), bytes.fromhex("23000004"), bytes.fromhex("23010004"), bytes.fromhex("24000008")+b"\0\0\0\1"); say("frames 22 23 24", drain(f.wire))
    f.wire.send(b"\x21\0\0\x19"+b"minh".ljust(16,b"\0")+b"\0\0\0\0x"); say("frames stray 21", drain(f.wire))
    f.wire.send(b"\x20\0\0\x40"+b"nobody".ljust(16,b"\0")+b"\0\0\0\1\0\0\0\1"+b"a.txt".ljust(36,b"\0")); say("frames 20 nobody", drain(f.wire))
    f.wire.send(b"\x20\0\0\x40"+b"hoa".ljust(16,b"\0")+b"\0\0\0\0\0\0\0\0"+b"a.txt".ljust(36,b"\0")); say("frames 20 empty", drain(f.wire), drain(l.wire,.3))
    f.wire.send(b"\x20\0\0\x40"+b"hoa".ljust(16,b"\0")+b"\0\0\0\1\0\0\0\2"+b"a.txt".ljust(36,b"\0")); say("frames 20 badcount", drain(f.wire))
    f.wire.send(b"\x20\0\0\x40"+b"hoa".ljust(16,b"\0")+b"\0\0\0\1\0\0\0\1"+b"".ljust(36,b"\0")); say("frames 20 noname", drain(f.wire))
    f.wire.send(b"\x15\0\0\x10"+b"short".ljust(12,b"\0")); say("frames 15 short", drain(f.wire))
    p.wire.send(p.text("", "minh")); say("packets empty", drain(p.wire))
    p.wire.send(p.text("hi", "nobody","#none","lan")); say("packets unknown", drain(p.wire))
    p.wire.send(p.text("hi", "")); say("packets emptyname", drain(p.wire))
    p.wire.send(p.text("hi", *["minh"]*100)); say("packets 100", drain(p.wire), sf(drain(s.wire,.3)))
    p.wire.send(bytes.fromhex("001200040000000400000063")); say("packets 12/04", drain(p.wire))
    p.wire.send(bytes.fromhex("0012000500000004ffffffff")); say("packets 12/05", drain(p.wire))
    p.wire.send(bytes.fromhex("0012000500000004 00000000")); say("packets 12/05 0", drain(p.wire))
    p.wire.send(bytes.fromhex("0013000000000002")+b"[]"); say("packets 13", drain(p.wire))
    p.wire.send(bytes.fromhex("0010000100000040")+b"minh".ljust(32,b"\0")+b"x".ljust(32,b"\0")); say("packets reg short pw", drain(p.wire))
    p.wire.send(bytes.fromhex("0010000100000040")+b"a b".ljust(32,b"\0")+SHORT.encode().ljust(32,b"\0")); say("packets reg bad name", drain(p.wire))
    p.wire.send(bytes.fromhex("0010000100000040")+b"minh".ljust(32,b"\0")+SHORT.encode().ljust(32,b"\0")); say("packets reg taken", drain(p.wire))
    l.wire.send("4 hoa hoa\n4 hoa minh\n4 hoa minh\n5 hoa hoa x\n5 hoa minh x\n7 hoa\n9 hoa Everyone\n9 hoa a\n9 hoa a\na hoa Everyone\na hoa a\na hoa none\nc Everyone\nb hoa\nd hoa minh a 1\nd hoa minh a maybe\n6 hoa minh 1\n6 hoa nobody maybe\n3 hoa none x\nf 5 minh 3\nf 3 none 1\nf 3 Everyone 2\nf 5 minh x\n".encode()); say("lines", drain(l.wire,2).decode())
    say("struct", sf(drain(s.wire,.5)))
    s.wire.send(s.frame(4,0,"minh")+s.frame(4,1,"me")+s.frame(4,3)+s.frame(5,6)+s.frame(5,1,"lan")+s.frame(5,2,"x")+s.frame(5,2,"1 none")+s.frame(5,0,"")+s.frame(5,0,"#x")+s.frame(5,3,"none")+s.frame(5,7,"Everyone")+s.frame(2,2,"x"))
    say("struct", sf(drain(s.wire,2)))
    s.wire.send(s.frame(5,0,"G")+s.frame(5,1,"minh")+s.frame(5,1,"lan")+s.frame(5,1,"lan")+s.frame(5,4,"")+s.frame(5,4,"a\nb")); say("struct g", sf(drain(s.wire,1)), drain(f.wire,.2), drain(p.wire,.2))
    assert 0
