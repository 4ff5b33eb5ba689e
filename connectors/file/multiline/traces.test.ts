import { describe, expect, it } from 'vitest';
import { type Event, EventAssembler } from './event-assembler.ts';
import { compileMultiline, multilineOption } from './options.ts';

/** The events that a preset makes of lines. */
function eventsOf(preset: string, content: string): string[] {
  const events: Event[] = [];
  const { rules } = compileMultiline(multilineOption.parse(preset));
  const assembler = new EventAssembler(rules, { maxLines: 1000, maxBytes: 1_000_000 }, (event) => events.push(event));
  for (const text of content.split('\n')) assembler.feed({ text, start: 0, end: 0, cut: false, fields: undefined });
  assembler.end();
  return events.map((event) => event.text).filter((text) => text !== '');
}

/** What runtimes print, each of which is one event. */
const samples: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  java: {
    chained: `java.lang.RuntimeException: Could not place order 17
	at com.shop.Orders.place(Orders.java:41)
	at java.base/java.lang.Thread.run(Thread.java:840)
	Suppressed: java.lang.IllegalStateException: closing failed
		at com.shop.Connection.close(Connection.java:12)
		... 1 more
Caused by: java.sql.SQLException: timeout
	at com.shop.Database.query(Database.java:99)
	... 12 common frames omitted
Caused by: java.net.SocketTimeoutException
	at java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:288)
	... 14 more`,
    'behind its log line': `2024-01-15 10:23:45.123 ERROR [main] com.shop.App - Failed to start
java.lang.IllegalArgumentException: port out of range:70000
	at java.base/java.net.InetSocketAddress.checkPort(InetSocketAddress.java:152)`,
    'of a thread': `Exception in thread "pool-1-thread-3" java.lang.NullPointerException: Cannot invoke "String.length()" because "s" is null
	at App.lambda$main$0(App.java:5)`,
    'with a message of several lines': `org.postgresql.util.PSQLException: ERROR: syntax error at or near "form"
  Position: 10
	at org.postgresql.core.v3.QueryExecutorImpl.receiveErrorResponse(QueryExecutorImpl.java:2713)
Caused by: org.apache.ibatis.exceptions.PersistenceException: 
### Error querying database.  Cause: java.sql.SQLException: no such table
### The error may exist in mapper/User.xml
	at org.apache.ibatis.session.defaults.DefaultSqlSession.selectList(DefaultSqlSession.java:153)`,
    'of Reactor': `java.lang.ArithmeticException: / by zero
	at demo.Flow.lambda$1(Flow.java:9)
	Suppressed: reactor.core.publisher.FluxOnAssembly$OnAssemblyException: 
Error has been observed at the following site(s):
	*__checkpoint ⇢ Handler demo.Flow#run [DispatcherHandler]
	|_ checkpoint ⇢ HTTP GET "/run" [ExceptionHandlingWebHandler]
Original Stack Trace:
		at demo.Flow.lambda$1(Flow.java:9)`,
  },
  python: {
    chained: `Traceback (most recent call last):
  File "/srv/app/store.py", line 12, in load
    return cache[key]
           ~~~~~^^^^^
KeyError: 'user:1'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/app/main.py", line 30, in <module>
    load("user:1")
  File "/srv/app/store.py", line 14, in load
    raise LookupError("no such user") from None
app.errors.LookupError: no such user

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/app/main.py", line 33, in <module>
    fail()
  [Previous line repeated 996 more times]
RecursionError`,
    'behind its log line': `ERROR:root:request failed
Traceback (most recent call last):
  File "t.py", line 3, in f
    1/0
ZeroDivisionError: division by zero`,
    async: `Task exception was never retrieved
future: <Task finished name='Task-2' coro=<work() done, defined at /srv/a.py:4> exception=ValueError('bad')>
Traceback (most recent call last):
  File "/srv/a.py", line 6, in work
    raise ValueError('bad')
ValueError: bad`,
    group: `  + Exception Group Traceback (most recent call last):
  |   File "/srv/g.py", line 5, in <module>
  |     raise ExceptionGroup("several", errors)
  | ExceptionGroup: several (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/g.py", line 2, in a
    |     1/0
    | ZeroDivisionError: division by zero
    +---------------- 2 ----------------
    | ValueError: second
    +------------------------------------`,
    'of a thread': `Exception in thread Thread-1 (run):
Traceback (most recent call last):
  File "/usr/lib/python3.12/threading.py", line 1073, in _bootstrap_inner
    self.run()
TypeError: run() missing 1 required positional argument: 'x'`,
  },
  go: {
    panic: `panic: runtime error: invalid memory address or nil pointer dereference [recovered]
	panic: again
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x48f0a2]

goroutine 18 gp=0xc000102380 m=0 mp=0x5f1a40 [running]:
main.(*Server[...]).handle(0x0, {0xc00001c0a0, 0x5})
	/srv/app/server.go:42 +0x22
created by net/http.(*Server).Serve in goroutine 1
	/usr/local/go/src/net/http/server.go:3285 +0x4b4

goroutine 1 [IO wait, 5 minutes]:
internal/poll.runtime_pollWait(0x7f0a1c0e8eb0, 0x72)
	/usr/local/go/src/runtime/netpoll.go:345 +0x85
...additional frames elided...`,
    'of a handler': `2024/01/15 10:00:00 http: panic serving 127.0.0.1:40122: boom
goroutine 20 [running]:
net/http.(*conn).serve.func1()
	/usr/local/go/src/net/http/server.go:1903 +0xbe
panic({0x6417e0?, 0x72f8f0?})
	/usr/local/go/src/runtime/panic.go:770 +0x132`,
    fatal: `fatal error: all goroutines are asleep - deadlock!

goroutine 1 [chan receive]:
main.main()
	/tmp/x.go:5 +0x2d`,
  },
  ruby: {
    plain: `/srv/app.rb:2:in \`divide': divided by 0 (ZeroDivisionError)
	from /srv/app.rb:2:in \`/'
	from /srv/app.rb:6:in \`<main>'`,
    cause: `app.rb:5:in 'Object#rescue in load': could not load (LoadFailed)
	from app.rb:2:in 'Object#load'
	from app.rb:9:in '<main>'
app.rb:3:in 'Object#load': no such file (Errno::ENOENT)
	from app.rb:9:in '<main>'`,
    highlighted: `test.rb:1:in \`<main>': undefined method \`time' for 1:Integer (NoMethodError)

1.time {}
 ^^^^^
Did you mean?  times
	from test.rb:7:in \`run'`,
    'behind its log line': `E, [2024-01-15T10:00:00.000001 #42] ERROR -- : divided by 0 (ZeroDivisionError)
/srv/app/models/a.rb:3:in \`/'
/srv/app/models/a.rb:9:in \`call'`,
    reversed: `Traceback (most recent call last):
	2: from t.rb:9:in \`<main>'
	1: from t.rb:5:in \`a'
t.rb:2:in \`b': boom (RuntimeError)`,
  },
  node: {
    plain: `TypeError: Cannot read properties of undefined (reading 'id')
    at load (/srv/app/index.js:12:18)
    at async Promise.all (index 0)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)`,
    uncaught: `/srv/app/index.js:3
  throw new Error('boom');
  ^

Error: boom
    at fail (/srv/app/index.js:3:9)
    at node:internal/main/run_main_module:23:47 {
  code: 'E_BOOM',
  [cause]: Error: disk full
      at write (/srv/app/disk.js:9:11) {
    errno: -28
  }
}

Node.js v20.19.0`,
    'with a message of several lines': `Error: Command failed: git status
fatal: not a git repository
    at ChildProcess.exithandler (node:child_process:422:12)`,
    'behind its log line': `2024-01-15T10:00:00Z error: request failed Error: ECONNREFUSED
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1595:16)`,
    aggregate: `AggregateError: All promises were rejected
    at async main (/srv/a.mjs:3:1) {
  [errors]: [
    Error: one
        at /srv/a.mjs:1:9,
    Error: two
        at /srv/a.mjs:2:9
  ]
}`,
  },
  php: {
    uncaught: `PHP Fatal error:  Uncaught RuntimeException: Something bad in /srv/app/index.php:7
Stack trace:
#0 /srv/app/index.php(12): divide(1, 0)
#1 {main}

Next LogicException: wrapped in /srv/app/index.php:9
Stack trace:
#0 {main}
  thrown in /srv/app/index.php on line 9`,
    'of Laravel': `[2024-01-15 10:00:00] production.ERROR: Undefined variable $x {"exception":"[object] (ErrorException(code: 0): Undefined variable $x at /srv/app/routes/web.php:20)
[stacktrace]
#0 /srv/app/vendor/laravel/framework/src/Illuminate/Foundation/Bootstrap/HandleExceptions.php(255): handleError()
#1 {main}
"}`,
    'with times on each line': `[15-Jan-2024 10:00:00 UTC] PHP Fatal error:  Uncaught Error: Call to undefined function f() in /srv/a.php:2
[15-Jan-2024 10:00:00 UTC] PHP Stack trace:
[15-Jan-2024 10:00:00 UTC] PHP   1. {main}() /srv/a.php:0
[15-Jan-2024 10:00:00 UTC] PHP   2. g() /srv/a.php:5`,
  },
  csharp: {
    inner: `Unhandled exception. System.InvalidOperationException: Could not save
 ---> System.IO.IOException: disk full
   at Shop.Disk.Write(Byte[] data) in /src/Disk.cs:line 20
   --- End of inner exception stack trace ---
   at Shop.Orders.SaveAsync() in /src/Orders.cs:line 33
--- End of stack trace from previous location ---
   at Shop.Program.<Main>$(String[] args) in /src/Program.cs:line 5`,
    'of the console logger': `fail: Microsoft.AspNetCore.Server.Kestrel[13]
      Connection id "0HMV", Request id "0HMV:1": An unhandled exception was thrown by the application.
      System.NullReferenceException: Object reference not set to an instance of an object.
         at Program.<>c.<<Main>$>b__0_0() in /src/Program.cs:line 4`,
    aggregate: `System.AggregateException: One or more errors occurred. (one) (two)
 ---> System.Exception: one
   at A.B()
   --- End of inner exception stack trace ---
 ---> (Inner Exception #1) System.Exception: two
   at C.D()<---`,
    'with a message of several lines': `System.ArgumentException: Value does not fall within the range.
Parameter name: size
   at Shop.Box..ctor(Int32 size)`,
  },
  dart: {
    unhandled: `Unhandled exception:
FormatException: Unexpected character (at character 1)
oops
^

#0      _ChunkedJsonParser.fail (dart:convert-patch/convert_patch.dart:1383:5)
#1      main (file:///srv/app.dart:4:3)
<asynchronous suspension>
#2      _delayEntrypointInvocation.<anonymous closure> (dart:isolate-patch/isolate_patch.dart:297:19)`,
    flutter: `══╡ EXCEPTION CAUGHT BY WIDGETS LIBRARY ╞═══════════════════════════════
The following assertion was thrown building MyApp(dirty):
Failed assertion: line 12 pos 7: 'text != null'

When the exception was thrown, this was the stack:
#0      Text.build (package:flutter/src/widgets/text.dart:12:7)
════════════════════════════════════════════════════════════════════════`,
    state: `Bad state: No element
#0      List.first (dart:core-patch/growable_array.dart:343:5)`,
  },
};

const cases = Object.entries(samples).flatMap(([preset, each]) =>
  Object.entries(each).map(([name, trace]) => [preset, name, trace] as const),
);

describe('stack traces', () => {
  it.each(cases)('%s: %s', (preset, _, trace) => {
    const around = ['listening on port 80', trace, 'one more line', 'and another'];
    expect(eventsOf(preset, around.join('\n'))).toEqual(around);
  });

  it.each(cases)('%s: %s, twice with lines between', (preset, _, trace) => {
    const around = [trace, '2024-01-15 10:00:01 INFO between', trace, '2024-01-15 10:00:02 INFO after'];
    expect(eventsOf(preset, around.join('\n'))).toEqual(around);
  });

  it.each(cases)('%s: %s, as the last thing in the file', (preset, _, trace) => {
    expect(eventsOf(preset, `before\n${trace}\n`)).toEqual(['before', trace]);
  });

  it.each(Object.keys(samples))('of %s are looked for in other lines in vain', (preset) => {
    const lines = [
      '10.0.0.1 - - "GET / HTTP/1.1" 200',
      'an error occurred: none',
      'Exception handling is on',
      '  indented',
      '{"a":1}',
      'done',
    ];
    expect(eventsOf(preset, lines.join('\n'))).toEqual(lines);
  });
});
