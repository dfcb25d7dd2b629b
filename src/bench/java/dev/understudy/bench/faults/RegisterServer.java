package dev.understudy.bench.faults;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One of the application's servers, as a process: {@code POST /ID} writes, {@code GET /ID} reads;
 * the response is 200 with the server's name and the id, or 409 if the epoch is too old. {@code
 * POST /hook/demote} and {@code POST /hook/promote} are hooks.
 *
 * <p>Arguments: name, port, the register's file. Prints {@code ready} once it listens.
 */
public final class RegisterServer {
  private static final int BACKLOG = 1024;

  private final String name;
  private final Register register;
  private final HookLog hooks;
  private final boolean fences;

  private RegisterServer(String name, Register register, HookLog hooks, boolean fences) {
    this.name = name;
    this.register = register;
    this.hooks = hooks;
    this.fences = fences;
  }

  /** The same without the fence: it accepts all. */
  public static final class WithoutFence {
    private WithoutFence() {}

    public static void main(String[] args) throws IOException {
      run(args, false);
    }
  }

  public static void main(String[] args) throws IOException {
    run(args, true);
  }

  private static void run(String[] args, boolean fences) throws IOException {
    Path file = Path.of(args[2]);
    RegisterServer server =
        new RegisterServer(args[0], new Register(file), HookLog.of(file), fences);
    ServerSocket listener =
        new ServerSocket(Integer.parseInt(args[1]), BACKLOG, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(() -> server.accept(listener));
    System.out.println("ready");
    // It does not outlive the test that started it: standard input ends with its parent.
    while (System.in.read() >= 0) {
      continue;
    }
    System.exit(0);
  }

  private void accept(ServerSocket listener) {
    try {
      while (true) {
        Socket connection = listener.accept();
        Thread.ofVirtual().start(() -> serve(connection));
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      connection.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(connection.getInputStream());
      while (exchange(connection, in)) {
        continue;
      }
    } catch (IOException e) {
      return; // The proxy has ended it.
    }
  }

  private boolean exchange(Socket connection, InputStream in) throws IOException {
    String requestLine = line(in);
    if (requestLine.isEmpty()) {
      return false;
    }
    Map<String, String> fields = fields(in);
    in.skipNBytes(Integer.parseInt(fields.getOrDefault("content-length", "0")));
    String[] words = requestLine.split(" ", -1);
    respond(connection, response(words, fields));
    return !"close".equalsIgnoreCase(fields.get("connection"));
  }

  /** The status, and behind a blank the body. */
  private String response(String[] requestLine, Map<String, String> fields) throws IOException {
    return switch (requestLine[1]) {
      case "/status" -> "200 version";
      case "/hook/demote" -> hook(false, fields);
      case "/hook/promote" -> hook(true, fields);
      default -> execute(requestLine, fields);
    };
  }

  private String hook(boolean promote, Map<String, String> fields) throws IOException {
    boolean done =
        hooks.carryOut(
            name,
            fields.getOrDefault("x-replica", "?"),
            promote,
            Long.parseLong(fields.get("understudy-epoch")));
    return done ? "200 done" : "500 not done";
  }

  private String execute(String[] requestLine, Map<String, String> fields) throws IOException {
    String id = requestLine[1].substring(1);
    long epoch =
        Long.parseLong(fields.getOrDefault("understudy-epoch", Long.toString(Hit.NO_EPOCH)));
    Hit hit =
        new Hit(
            System.nanoTime(),
            name,
            fields.getOrDefault("x-replica", "?"),
            epoch,
            requestLine[0].equals("POST"),
            id);
    int status = register.append(hit) || !fences ? Hit.EXECUTED : Hit.REFUSED;
    register.answer(hit, status);
    return status + " " + name + " " + id;
  }

  private static void respond(Socket connection, String statusAndBody) throws IOException {
    String status = statusAndBody.substring(0, 3);
    String body = statusAndBody.substring(4);
    connection
        .getOutputStream()
        .write(
            ("HTTP/1.1 " + status + " X\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII));
  }

  private static Map<String, String> fields(InputStream in) throws IOException {
    Map<String, String> fields = new HashMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      fields.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    return fields;
  }

  /** Empty, too, if the connection has ended. */
  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n' && c >= 0; c = in.read()) {
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }
}
