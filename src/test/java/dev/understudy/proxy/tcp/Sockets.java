package dev.understudy.proxy.tcp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What tests of relayed connections do with the sockets at both ends. */
public final class Sockets {
  private Sockets() {}

  public static void send(Socket to, String text) throws IOException {
    to.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    to.getOutputStream().flush();
  }

  /** Sends until the connection takes no more, and counts the pieces that it took. */
  public static void sendUntilRefused(Socket to, AtomicLong pieces) {
    byte[] piece = new byte[10_000];
    try {
      while (true) {
        to.getOutputStream().write(piece);
        pieces.incrementAndGet();
      }
    } catch (IOException refused) {
      return;
    }
  }

  /** Reads so many characters. */
  public static String receive(Socket from, int length) throws IOException {
    return new String(from.getInputStream().readNBytes(length), StandardCharsets.US_ASCII);
  }

  /** How a connection ends from now on: what still comes, then "|FIN" or "|RST". */
  public static String rest(Socket from) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    String end = "|FIN";
    try {
      from.getInputStream().transferTo(bytes);
    } catch (SocketException e) {
      end = "|RST";
    }
    return bytes.toString(StandardCharsets.US_ASCII) + end;
  }

  /** Ends a connection by a reset. */
  public static void reset(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /**
   * How many bytes for that end of a connection within this machine are in the sockets of both;
   * Linux only.
   */
  public static long unread(Socket at) throws IOException {
    String ends = String.format("%04X [0-9A-F]+:%04X ", at.getPort(), at.getLocalPort());
    Pattern line = Pattern.compile(":" + ends + "[0-9A-F]{2} ([0-9A-F]{8}):");
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      Matcher found = line.matcher(Files.readString(Path.of(table)));
      if (found.find()) {
        return at.getInputStream().available() + Long.parseLong(found.group(1), 16);
      }
    }
    throw new IllegalStateException("no such connection");
  }
}
