package dev.understudy.proxy.tcp;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** What tests of relayed connections do with the sockets at both ends. */
public final class Sockets {
  private Sockets() {}

  public static void send(Socket to, String text) throws IOException {
    to.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    to.getOutputStream().flush();
  }

  /** Reads so many characters. */
  public static String receive(Socket from, int length) throws IOException {
    return new String(from.getInputStream().readNBytes(length), StandardCharsets.US_ASCII);
  }

  /** How a connection ends from now on: what still comes, then "|FIN" or "|RST". */
  public static String rest(Socket from) throws IOException {
    StringBuilder text = new StringBuilder();
    try {
      int octet = from.getInputStream().read();
      while (octet >= 0) {
        text.append((char) octet);
        octet = from.getInputStream().read();
      }
      return text.append("|FIN").toString();
    } catch (SocketException e) {
      return text.append("|RST").toString();
    }
  }

  /** Ends a connection by a reset. */
  public static void reset(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }
}
