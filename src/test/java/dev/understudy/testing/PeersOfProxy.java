package dev.understudy.testing;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The clients and the server of a proxy, in a process of their own: the memory of the proxy's
 * process is the proxy's alone. Clients send what they are given and read nothing.
 */
public final class PeersOfProxy implements AutoCloseable {
  /** What begins a connection. */
  public enum Begin {
    CLEAR,
    TLS,
    TLS_HTTP2,

    /** What follows the handshake are bytes of records. */
    TLS_RECORDS
  }

  private static final byte[] ENDLESS = "x".repeat(16 * 1024).getBytes(StandardCharsets.US_ASCII);

  private static final byte[] MESSAGES = messages();

  private final Process process;
  private final BufferedReader answers;
  private final OutputStream commands;
  private final int port;

  /** Starts the process. */
  public PeersOfProxy() throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                PeersOfProxy.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    answers = process.inputReader();
    commands = process.getOutputStream();
    port = number();
  }

  /** The server's port. */
  public int port() {
    return port;
  }

  /** The requests whose head the server has got. */
  public int requests() {
    return ask("requests");
  }

  /** Has clients connect and send those pieces, each by itself. */
  public void open(int port, Begin begin, int count, byte[]... pieces) {
    ask("open " + begin + " " + port + " " + count + texts(pieces));
  }

  /** Closes all clients. */
  public void leave() {
    ask("leave");
  }

  private static String texts(byte[]... pieces) {
    StringBuilder text = new StringBuilder();
    for (byte[] piece : pieces) {
      text.append(' ').append(Base64.getEncoder().encodeToString(piece));
    }
    return text.toString();
  }

  private int ask(String command) {
    try {
      commands.write((command + "\n").getBytes(StandardCharsets.US_ASCII));
      commands.flush();
      return number();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int number() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("the process has ended");
    }
    return Integer.parseInt(line);
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  // The process.

  private static final AtomicInteger REQUESTS = new AtomicInteger();
  private static final List<Socket> CLIENTS = new ArrayList<>();

  /** Prints the server's port, then a number for each command. */
  public static void main(String[] args) throws IOException {
    ServerSocket server = new ServerSocket();
    server.setReceiveBufferSize(4096);
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
    Thread.ofPlatform().daemon().start(() -> accept(server));
    System.out.println(server.getLocalPort());
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(carryOut(line.split(" ")));
    }
  }

  private static int carryOut(String[] words) throws IOException {
    switch (words[0]) {
      case "open" -> {
        byte[][] pieces =
            Arrays.stream(words, 4, words.length)
                .map(Base64.getDecoder()::decode)
                .toArray(byte[][]::new);
        for (int i = 0; i < Integer.parseInt(words[3]); i++) {
          open(Begin.valueOf(words[1]), Integer.parseInt(words[2]), pieces);
        }
      }
      case "leave" -> {
        for (Socket each : CLIENTS) {
          each.setSoLinger(true, 0);
          each.close();
        }
        CLIENTS.clear();
      }
      default -> {}
    }
    return REQUESTS.get();
  }

  private static void open(Begin begin, int port, byte[][] pieces) throws IOException {
    Socket raw = new Socket();
    raw.setReceiveBufferSize(4096);
    raw.setTcpNoDelay(true);
    raw.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    CLIENTS.add(raw);
    Socket socket =
        switch (begin) {
          case CLEAR -> raw;
          case TLS_RECORDS -> {
            var unused = Trusting.secure(raw, "localhost");
            yield raw;
          }
          case TLS -> Trusting.secure(raw, "localhost");
          case TLS_HTTP2 -> Trusting.secure(raw, "localhost", "h2");
        };
    OutputStream out = socket.getOutputStream();
    for (byte[] piece : pieces) {
      out.write(piece);
      out.flush();
    }
  }

  private static void repeat(OutputStream out, byte[] piece) {
    try {
      while (true) {
        out.write(piece);
      }
    } catch (IOException e) {
      // The connection has ended.
    }
  }

  private static void accept(ServerSocket server) {
    try {
      while (true) {
        Socket accepted = server.accept();
        Thread.ofVirtual().start(() -> serve(accepted));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void serve(Socket accepted) {
    try (Socket socket = accepted) {
      InputStream in = new BufferedInputStream(socket.getInputStream(), 1024);
      while (true) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (!Http1Input.readHead(in, bytes)) {
          return;
        }
        String head = bytes.toString(StandardCharsets.ISO_8859_1);
        REQUESTS.incrementAndGet();
        respond(head, in, socket.getOutputStream());
      }
    } catch (IOException e) {
      // The proxy has left.
    }
  }

  /** Does with a request what a word in its target says. */
  private static void respond(String head, InputStream in, OutputStream out) throws IOException {
    String line = head.substring(0, head.indexOf('\r'));
    if (line.contains("/wait")) {
      awaitEnd(in);
    } else if (line.contains("/begun")) {
      write(out, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
      awaitEnd(in);
    } else if (line.contains("/large")) {
      write(out, "HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n");
      repeat(out, ENDLESS);
    } else if (line.contains("/socket")) {
      write(out, switching(head));
      if (line.contains("/socket/talks")) {
        repeat(out, MESSAGES);
      }
      awaitEnd(in);
    } else {
      write(out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void awaitEnd(InputStream in) throws IOException {
    in.transferTo(OutputStream.nullOutputStream());
  }

  private static String switching(String head) {
    String key =
        head.lines()
            .filter(each -> each.toLowerCase(Locale.ROOT).startsWith("sec-websocket-key:"))
            .map(each -> each.substring(each.indexOf(':') + 1).strip())
            .findFirst()
            .orElseThrow();
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest(
                  (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                      .getBytes(StandardCharsets.US_ASCII));
      return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Accept: %s\r\n\r\n"
              .formatted(Base64.getEncoder().encodeToString(digest));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** Text messages of one byte, without masks. */
  private static byte[] messages() {
    byte[] all = new byte[3 * 1024];
    for (int i = 0; i < all.length; i += 3) {
      all[i] = (byte) 0x81;
      all[i + 1] = 1;
      all[i + 2] = 'a';
    }
    return all;
  }
}
