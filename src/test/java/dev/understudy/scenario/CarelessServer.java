package dev.understudy.scenario;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server in this process without any measure: behind a request for {@code /flood} it sends
 * WebSocket frames of one byte without end, behind any other it reads and sends nothing. It agrees
 * to WebSockets.
 */
final class CarelessServer implements AutoCloseable {
  /** So small that what it does not read is with the proxy. */
  private static final int RECEIVE_BUFFER = 4096;

  private static final byte[] FRAMES = "\u0082\u0001x".repeat(20_000).getBytes(ISO_8859_1);

  private static final Pattern KEY = Pattern.compile("(?im)^sec-websocket-key: *(\\S+)");

  private final ServerSocket listening;
  private final Queue<Socket> open = new ConcurrentLinkedQueue<>();

  CarelessServer() throws IOException {
    listening = new ServerSocket();
    listening.setReceiveBufferSize(RECEIVE_BUFFER);
    listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket next = listening.accept();
        open.add(next);
        Thread.ofVirtual().start(() -> serve(next));
      }
    } catch (IOException e) {
      // It was closed.
    }
  }

  private static void serve(Socket socket) {
    try {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      String head = head(in);
      if (head.isEmpty()) {
        socket.close();
        return;
      }
      OutputStream out = socket.getOutputStream();
      Matcher key = KEY.matcher(head);
      if (key.find()) {
        out.write(switching(key.group(1)).getBytes(ISO_8859_1));
      }
      while (head.startsWith("GET /flood")) {
        out.write(FRAMES);
      }
    } catch (IOException e) {
      // The proxy or the test has ended the connection.
    }
  }

  /** A request's head; what there is of it if the connection ends. */
  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static String switching(String key) {
    try {
      byte[] accept =
          MessageDigest.getInstance("SHA-1")
              .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(ISO_8859_1));
      return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Accept: "
          + Base64.getEncoder().encodeToString(accept)
          + "\r\n\r\n";
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket each : open) {
      each.close();
    }
  }
}
