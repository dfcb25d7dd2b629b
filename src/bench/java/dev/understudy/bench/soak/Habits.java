package dev.understudy.bench.soak;

import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.TunnelClients;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The clients' behaviour. */
final class Habits {
  private static final int KB = 1024;
  private static final int SLOW_RESPONSE = 256 * KB;
  private static final int ENDLESS_RESPONSE = 16 * KB * KB;
  private static final int PIECES = 10;
  private static final String PIECE = "x".repeat(100);
  private static final Duration SLOWLY = Duration.ofMillis(20);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration STAY = Duration.ofSeconds(3);

  /** Told that the server restarts (RFC 6455, IANA registry). */
  private static final int SERVICE_RESTART = 1012;

  private Habits() {}

  static void getSmall(Guest guest) throws IOException {
    get(guest.connection(), KB);
  }

  static void getLarge(Guest guest) throws IOException {
    get(guest.connection(), 64 * KB);
  }

  static void newConnection(Guest guest) throws IOException {
    Guest.require(guest.connection().send("GET", "/big?bytes=" + KB, "", "Connection: close"), KB);
  }

  static void tls(Guest guest) throws IOException {
    HttpConnection secure = guest.use(guest.frontends().secure());
    get(secure, KB);
    get(secure, 64 * KB);
    guest.close();
  }

  private static void get(HttpConnection connection, int bytes) throws IOException {
    Guest.require(connection.send("GET", "/big?bytes=" + bytes, ""), bytes);
  }

  static void head(Guest guest) throws IOException {
    Guest.require(guest.connection().send("HEAD", "/whoami", ""), 0);
  }

  static void post(Guest guest) throws IOException {
    String id = guest.orders().next();
    Guest.require(guest.connection().send("POST", "/orders?id=" + id, PIECE), -1);
    guest.orders().confirmed(id);
  }

  /** A body and a response in chunks. */
  static void chunked(Guest guest) throws IOException {
    String id = guest.orders().next();
    HttpConnection connection = guest.connection();
    connection.write(head("POST", "/orders?id=" + id, "Transfer-Encoding: chunked"));
    for (int i = 0; i < PIECES; i++) {
      connection.write(Integer.toHexString(PIECE.length()) + "\r\n" + PIECE + "\r\n");
    }
    connection.write("0\r\n\r\n");
    Guest.require(connection.answer("POST"), -1);
    guest.orders().confirmed(id);
    Guest.require(connection.send("GET", "/chunks?bytes=" + KB, ""), KB);
  }

  static void slowSender(Guest guest) throws IOException, InterruptedException {
    String id = guest.orders().next();
    HttpConnection connection = guest.connection();
    connection.write(
        head("POST", "/orders?id=" + id, "Content-Length: " + PIECES * PIECE.length()));
    for (int i = 0; i < PIECES; i++) {
      Thread.sleep(SLOWLY);
      connection.write(PIECE);
    }
    Guest.require(connection.answer("POST"), -1);
    guest.orders().confirmed(id);
  }

  /** Sends half of the announced body. */
  static void abortRequest(Guest guest) throws IOException, InterruptedException {
    String id = guest.orders().next();
    guest.orders().withdrawn(id);
    HttpConnection connection = guest.connection();
    connection.write(head("POST", "/orders?id=" + id, "Content-Length: " + 2 * PIECE.length()));
    connection.write(PIECE);
    Thread.sleep(SLOWLY);
    connection.reset();
    guest.close();
  }

  static void slowReader(Guest guest) throws IOException, InterruptedException {
    read(guest, SLOW_RESPONSE, Integer.MAX_VALUE);
  }

  /** Leaves in the middle of a long response. */
  static void abortResponse(Guest guest) throws IOException, InterruptedException {
    read(guest, ENDLESS_RESPONSE, SLOW_RESPONSE);
  }

  private static void read(Guest guest, int bytes, int enough)
      throws IOException, InterruptedException {
    try (Socket socket = new Socket()) {
      // The proxy is to feel it.
      socket.setReceiveBufferSize(16 * KB);
      socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
      socket.connect(new InetSocketAddress("127.0.0.1", guest.frontends().port()));
      socket.setSoLinger(true, 0);
      String request = head("GET", "/big?bytes=" + bytes, "Connection: close");
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      byte[] some = new byte[16 * KB];
      int read = 0;
      for (int n = in.read(some); n >= 0 && read < enough; n = in.read(some)) {
        if (read == 0
            && !new String(some, 0, n, StandardCharsets.US_ASCII).startsWith("HTTP/1.1 200 ")) {
          throw new WrongResponseException(
              new String(some, 0, Math.min(n, 100), StandardCharsets.US_ASCII));
        }
        guest.responding();
        read += n;
        Thread.sleep(SLOWLY);
      }
      if (read < Math.min(bytes, enough)) {
        throw new IOException("the response ended after " + read + " of " + bytes + " bytes");
      }
    }
  }

  /** Stays a while and leaves, unless a close frame asks it to reconnect. */
  static void webSocket(Guest guest)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    var client =
        TunnelClients.connect(guest.frontends().webSockets(), guest.frontends().port())
            .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    client.server().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    try {
      requireTold(client.closed().get(STAY.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException undisturbed) {
      client.leave();
      int code = client.closed().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (code != WebSocket.NORMAL_CLOSURE) {
        requireTold(code);
      }
    }
  }

  private static void requireTold(int code) throws WrongResponseException {
    if (code != SERVICE_RESTART) {
      throw new WrongResponseException("WebSocket ended with " + code);
    }
  }

  private static String head(String method, String target, String header) {
    return method + " " + target + " HTTP/1.1\r\nHost: soak\r\n" + header + "\r\n\r\n";
  }
}
