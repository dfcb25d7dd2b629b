package dev.understudy.fuzz;

import dev.understudy.testing.ScriptedServer;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * A server on 127.0.0.1 that takes nothing but HTTP/1.1 as it has to be, keeps what it read, and
 * responds as each request's target says ({@link Act}). Its responses name the request.
 */
public final class StrictServer implements AutoCloseable {
  /** The field of a response that says to which request it belongs. */
  static final String ECHO = "x-echo";

  private static final byte[] LARGE = new byte[300_000];

  static {
    for (int i = 0; i < LARGE.length; i++) {
      LARGE[i] = (byte) (i / 251);
    }
  }

  /** One request that it read. */
  static final class Seen {
    final Head head;
    private volatile byte[] content;

    private Seen(Head head) {
      this.head = head;
    }

    String method() {
      return head.start().get(0);
    }

    String target() {
      return head.start().get(1);
    }

    /** The body; null: it has not come whole. */
    byte[] content() {
      return content;
    }

    @Override
    public String toString() {
      return method() + " " + target() + (content == null ? " (not whole)" : "");
    }
  }

  private final ScriptedServer server = new ScriptedServer(this::accept);
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final List<String> violations = new CopyOnWriteArrayList<>();
  private final Map<String, AtomicInteger> sends = new ConcurrentHashMap<>();

  public int port() {
    return server.port();
  }

  /** What it read since this was asked last, in order of their beginning. */
  List<Seen> takeSeen() {
    List<Seen> taken = new ArrayList<>(seen);
    seen.clear();
    sends.clear();
    return taken;
  }

  /** What was wrong with it since this was asked last. */
  List<String> takeViolations() {
    List<String> taken = new ArrayList<>(violations);
    violations.clear();
    return taken;
  }

  /** Whether nothing is on its way on any connection. */
  public boolean isQuiet() {
    return open.stream().allMatch(Connection::isQuiet);
  }

  private void accept(ScriptedServer.Connection accepted) throws IOException {
    Connection connection = new Connection(accepted.socket());
    open.add(connection);
    try {
      connection.run();
    } catch (Violation e) {
      violations.add(e.getMessage());
    } finally {
      open.remove(connection);
    }
  }

  @Override
  public void close() {
    server.close();
  }

  private final class Connection {
    private final Socket socket;
    private volatile boolean idle;

    Connection(Socket socket) {
      this.socket = socket;
    }

    boolean isQuiet() {
      try {
        return socket.isClosed() || (idle && socket.getInputStream().available() == 0);
      } catch (IOException e) {
        return true;
      }
    }

    void run() throws IOException {
      socket.setTcpNoDelay(true);
      var in = new PushbackInputStream(new BufferedInputStream(socket.getInputStream()));
      StrictReader reader = new StrictReader(in);
      boolean more = true;
      while (more && begins(in)) {
        Seen request = new Seen(reader.request(false));
        seen.add(request);
        more = serve(request, reader);
      }
    }

    private boolean begins(PushbackInputStream in) throws IOException {
      idle = true;
      int first = in.read();
      idle = false;
      if (first >= 0) {
        in.unread(first);
      }
      return first >= 0;
    }

    /** Returns whether another request may come. */
    private boolean serve(Seen request, StrictReader reader) throws IOException {
      if (!request.head.start().get(2).equals("HTTP/1.1")) {
        throw new Violation("a version other than the proxy's: " + request.head.start());
      }
      Act act = Act.of(request.target());
      int send =
          sends.computeIfAbsent(request.target(), any -> new AtomicInteger()).incrementAndGet();
      OutputStream out = socket.getOutputStream();
      if (act == Act.EARLY || act == Act.EARLY_CLOSING) {
        out.write(response(request, act, 0));
      }
      if (act == Act.EARLY_CLOSING) {
        socket.shutdownOutput();
        read(request, reader);
        return false;
      }
      if (act == Act.INFORMATIONAL) {
        boolean expected = request.head.list("expect").contains("100-continue");
        out.write(ascii(expected ? "HTTP/1.1 100 Continue\r\n\r\n" : ""));
        out.write(ascii("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"));
      }
      int length = read(request, reader);
      if (act == Act.NONE || (act == Act.ONCE && send == 1)) {
        return false;
      }
      if (act == Act.EARLY) {
        return true;
      }
      if (act == Act.SWITCH && request.head.list("upgrade").contains("websocket")) {
        out.write(ascii("HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"));
        reader.toEnd(new ByteArrayOutputStream());
        return false;
      }
      out.write(response(request, act, length));
      // Nothing of a response without a body can be cut; an end without a word would be the next's.
      return (act.breaks() && request.method().equals("HEAD")) || after(act);
    }

    private int read(Seen request, StrictReader reader) throws IOException {
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      reader.body(StrictReader.length(request.head), content);
      request.content = content.toByteArray();
      return content.size();
    }

    private boolean after(Act act) throws IOException {
      if (act == Act.CUT) {
        socket.setSoLinger(true, 0);
      }
      return act != Act.CUT && act != Act.CUT_CHUNKED && act != Act.CLOSING;
    }
  }

  /**
   * Whether a whole response that names that request, and may have a body, has the one that was
   * sent.
   */
  static boolean isContent(Act act, String echo, byte[] content) {
    return act == Act.LARGE
        ? Arrays.equals(content, LARGE)
        : new String(content, StandardCharsets.ISO_8859_1).matches(Pattern.quote(echo) + " \\d+");
  }

  private static byte[] response(Seen request, Act act, int length) {
    boolean head = request.method().equals("HEAD");
    String echo = request.method() + " " + request.target();
    byte[] body = act == Act.LARGE ? LARGE : ascii(echo + " " + length);
    String framing =
        switch (act) {
          case NO_CONTENT, NOT_MODIFIED -> "";
          case CLOSING -> "Connection: close\r\n";
          case CHUNKED, CUT_CHUNKED -> "Transfer-Encoding: chunked\r\n";
          case CUT -> "Content-Length: " + 2 * body.length + "\r\n";
          case EARLY_CLOSING -> "Connection: close\r\nContent-Length: " + body.length + "\r\n";
          default -> "Content-Length: " + body.length + "\r\n";
        };
    return joined(
        ascii("HTTP/1.1 " + status(act) + " Said\r\n" + ECHO + ": " + echo + "\r\n"),
        ascii(framing + "\r\n"),
        head ? new byte[0] : body(act, body));
  }

  private static byte[] body(Act act, byte[] body) {
    byte[] size = ascii(Integer.toHexString(body.length) + "\r\n");
    return switch (act) {
      case NO_CONTENT, NOT_MODIFIED -> new byte[0];
      case CHUNKED -> joined(size, body, ascii("\r\n0\r\nX-Sum: 1\r\n\r\n"));
      case CUT_CHUNKED -> joined(size, body, ascii("\r\n"));
      case STRAY -> joined(body, ascii("HTTP/1.1 200 Stray\r\nContent-Length: 0\r\n\r\n"));
      default -> body;
    };
  }

  private static int status(Act act) {
    return switch (act) {
      case NO_CONTENT -> 204;
      case NOT_MODIFIED -> 304;
      case EARLY_CLOSING -> 413;
      default -> 200;
    };
  }

  static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
