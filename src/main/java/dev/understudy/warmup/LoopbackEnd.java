package dev.understudy.warmup;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** One end of a connection; its messages are far smaller than a socket's buffers. */
abstract class LoopbackEnd {
  /** The body of all messages. Nothing else ends like it. */
  static final String BODY = "u".repeat(1_023) + "\n";

  static final String END_OF_HEAD = "\r\n\r\n";

  /** The last chunk, and an end of trailers without any. */
  static final String END_OF_CHUNKS = "\r\n0\r\n\r\n";

  private static final int MOST = 16 * 1024;

  private final ByteBuffer received = ByteBuffer.allocate(MOST);

  /** Something has come. */
  final void ready() {
    try {
      int read = channel().read(received);
      if (read < 0 || !received.hasRemaining()) {
        over();
      } else {
        came();
      }
    } catch (IOException e) {
      over();
    }
  }

  abstract SocketChannel channel();

  /** More of the other end's message has come. */
  abstract void came() throws IOException;

  /** The other end has closed the connection, or it broke. */
  abstract void over();

  final int size() {
    return received.position();
  }

  final boolean begins(String text) {
    return size() >= text.length() && is(0, text);
  }

  final boolean ends(String text) {
    return size() >= text.length() && is(size() - text.length(), text);
  }

  private boolean is(int at, String text) {
    for (int i = 0; i < text.length(); i++) {
      if (received.get(at + i) != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  final void forget() {
    received.clear();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  final void send(byte[] message) throws IOException {
    if (channel().write(ByteBuffer.wrap(message)) != message.length) {
      throw new IOException("the socket's buffer is full");
    }
  }

  final void close() {
    try {
      channel().close();
    } catch (IOException e) {
      // It is closed all the same.
    }
  }
}
