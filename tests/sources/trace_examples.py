"""Traces as programs write them: each is one event."""
# ruff: noqa: E101 - tabs are part of them

from typing import Final

from penstock.sources.traces import Name

JAVA: Final = (
    """\
Exception in thread "main" java.lang.RuntimeException: request failed
	at App.main(App.java:6)
Caused by: java.lang.IllegalArgumentException: bad value: 7
	at App.inner(App.java:3)
	at App.work(App.java:4)
	... 1 more
	Suppressed: java.lang.IllegalStateException: close failed
		at App$Res.close(App.java:2)
		... 2 more
""",
    """\
2026-01-31 12:00:00.123 ERROR 1 --- [nio-8080-exec-1] o.a.c.c.C.[.[/].[dispatcher] : Servlet.service() threw exception: java.lang.Exception
	at java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(DirectMethodHandleAccessor.java:103)
	at org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:883) ~[spring-webmvc-6.1.1.jar!/:6.1.1]
	... 32 common frames omitted
Wrapped by: java.io.IOException
	at a.b.C.d(Unknown Source)
""",
    """\
com.example.orders.OutOfStock: item 7
	at com.example.orders.Shelf.take(Shelf.kt:12)
	[CIRCULAR REFERENCE: com.example.orders.OutOfStock: item 7]
""",
)
PYTHON: Final = (
    """\
Traceback (most recent call last):
  File "/app/p.py", line 9, in <module>
    try: f()
         ^^^
  File "/app/p.py", line 3, in f
    def f(): return {}["x"]
                    ~~^^^^^
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/p.py", line 10, in <module>
    except KeyError: 1/0
                     ~^~
ZeroDivisionError: division by zero
""",
    """\
Traceback (most recent call last):
  File "/app/p.py", line 5, in <module>
    try: f()
  [Previous line repeated 987 more times]
app.errors.Missing: nothing here
    and this is indented

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/p.py", line 6, in <module>
KeyboardInterrupt
""",
    """\
  + Exception Group Traceback (most recent call last):
  |   File "/app/p.py", line 13, in <module>
  |     raise ExceptionGroup("both", [ValueError("a"), TypeError("b")])
  | ExceptionGroup: both (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/app/p.py", line 2, in f
    | ValueError: a
    +---------------- 2 ----------------
    | TypeError: b
    +------------------------------------
""",
)
GO: Final = (
    """\
panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x49ea04]

goroutine 7 [running]:
main.(*T).f(...)
	/app/p.go:4
main.main.func1()
	/app/p.go:6 +0x44
created by main.main in goroutine 1
	/app/p.go:6 +0x65
exit status 2
""",
    """\
2026/11/25 13:23:59 http: panic serving 127.0.0.1:48080: in handler
goroutine 18 [running]:
net/http.(*conn).serve.func1()
	/usr/local/go/src/net/http/server.go:1897 +0xbd
panic({0x6e1400?, 0x775270?})
	/usr/local/go/src/runtime/panic.go:860 +0x13a
main.main.func1({0x62dd65?, 0x79a98508008?}, 0x0?)
	/app/q.go:4 +0x25
created by net/http.(*Server).Serve in goroutine 8
	/usr/local/go/src/net/http/server.go:3464 +0x485
""",
    """\
panic: first [recovered]
	panic: again: first

goroutine 1 [running]:
main.main.func2()
	/app/q.go:6 +0x54
...additional frames elided...
main.main()
	/app/q.go:7 +0x86
""",
    """\
fatal error: all goroutines are asleep - deadlock!

goroutine 1 [chan receive, 3 minutes]:
main.main()
	/app/d.go:2 +0x25

goroutine 34 gp=0xc000102380 m=0 mp=0x5c1be0 [select, locked to thread]:
runtime.gopark(0xc000093fa8?, 0x2?, 0x0?, 0x0?, 0xc000093f9c?)
	/usr/local/go/src/runtime/proc.go:402 +0xce
exit status 2
""",
    """\
SIGQUIT: quit
PC=0x46a1c1 m=0 sigcode=0

goroutine 0 [idle]:
runtime.futex()
	/usr/local/go/src/runtime/sys_linux_amd64.s:557 +0x21

rax    0xca
rbx    0x0
rip    0x46a1c1
""",
)
NODE: Final = (
    """\
Error: cannot load
    at load (/app/a.js:2:82)
    at async main (/app/a.js:3:25) {
  [cause]: Error: ENOENT: no such file or directory, open '/no/such'
      at async open (node:internal/fs/promises:637:25)
      at async main (/app/a.js:3:25) {
    errno: -2,
    code: 'ENOENT',
    syscall: 'open',
    path: '/no/such'
  }
}
""",
    """\
/app/a.js:4
main().catch(e => { setTimeout(() => { throw new TypeError('boom') }, 1); });
                                       ^

TypeError: boom
    at Timeout._onTimeout (/app/a.js:4:87)
    at process.processTimers (node:internal/timers:519:7)

Node.js v20.20.2
""",
    """\
node:internal/process/promises:389
      new UnhandledPromiseRejection(reason);
      ^

UnhandledPromiseRejection: This error originated either by throwing inside of an async function. The reason "42".
    at throwUnhandledRejectionsMode (node:internal/process/promises:389:7)
    at process.processTicksAndRejections (node:internal/process/task_queues:96:32) {
  code: 'ERR_UNHANDLED_REJECTION'
}

Node.js v20.20.2
""",
    """\
AggregateError: all failed
    at [eval]:1:15
    at node:internal/main/eval_string:51:3 {
  [errors]: [
    Error: a
        at [eval]:1:35,
    Error: b
        at [eval]:1:51
  ]
}
""",
    """\
[eval]:1
null.x
     ^

TypeError: Cannot read properties of null (reading 'x')
    at [eval]:1:6
    at node:internal/main/eval_string:51:3

Node.js v20.20.2
""",
)
RUBY: Final = (
    """\
app.rb:3:in `foo': second (RuntimeError)
	from app.rb:7:in `bar'
	 ... 9998 levels...
	from app.rb:10:in `<main>'
app.rb:2:in `foo': first (App::Errors::Missing)
	from app.rb:7:in `bar'
""",
    """\
app.rb:1:in 'Object#foo': undefined local variable or method 'x' for main (NameError)

    x + 1
    ^
Did you mean?  y
	from app.rb:4:in '<main>'
""",
    """\
E, [2026-01-31T12:00:00.123456 #42] ERROR -- : boom (RuntimeError)
app.rb:3:in `foo'
/usr/lib/ruby/gems/3.2.0/gems/rack-3.0.8/lib/rack/head.rb:15:in `call'
<internal:kernel>:187:in `loop'
""",
    """\
ActionController::RoutingError (No route matches [GET] "/x"):

app/controllers/application_controller.rb:12:in `index'
lib/middleware.rb:8:in `block in call'
""",
)
DOTNET: Final = (
    """\
Unhandled exception. System.InvalidOperationException: outer
 ---> System.ArgumentException: inner
   at App.Program.Foo() in /app/Program.cs:line 10
   --- End of inner exception stack trace ---
   at App.Program.Main(String[] args) in /app/Program.cs:line 20
--- End of stack trace from previous location ---
   at App.Program.<Main>(String[] args)
""",
    """\
System.AggregateException: One or more errors occurred. (a) (b)
 ---> System.Exception: a
   at App.A() in /app/A.cs:line 1
   --- End of inner exception stack trace ---
   at App.B()
 ---> (Inner Exception #1) System.Exception: b
   at App.C()<---

 ---> (Inner Exception #2) System.TimeoutException<---
""",
    """\
fail: Microsoft.AspNetCore.Server.Kestrel[13]
      Connection id "0HN", Request id "0HN:1": An unhandled exception was thrown by the application.
      System.NullReferenceException: Object reference not set to an instance of an object.
         at App.Startup.<>c.<Configure>b__1_0(HttpContext context) in /app/Startup.cs:line 31
""",
)
TRACES: Final[dict[Name, tuple[str, ...]]] = {
    "java": JAVA,
    "python": PYTHON,
    "go": GO,
    "node": NODE,
    "ruby": RUBY,
    "dotnet": DOTNET,
}
PLAIN: Final = """\
2026-01-31 12:00:00,123 INFO root started in 3 s (pid 7)
{"message":"an object","level":"info"}
level=error msg="an Error: in the text" path=/x.js
Error rate is 3 %
done(ok)

a:b
127.0.0.1 - - [31/Jan/2026:12:00:00 +0000] "GET /app.js:3 HTTP/1.1" 200 12
"""
"""Lines that are events of their own."""
