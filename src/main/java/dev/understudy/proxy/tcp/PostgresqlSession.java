package dev.understudy.proxy.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A relayed session of PostgreSQL, followed by the heads of its messages (protocol 3; PostgreSQL
 * 15, chapter 55) to know when it is between two transactions. Nothing is copied, kept or changed.
 *
 * <table>
 *   <caption>What the messages mean</caption>
 *   <tr><th>from<th>message<th>means
 *   <tr><td>client<td>StartupMessage, Query, Sync, FunctionCall<td>a ReadyForQuery is owed
 *   <tr><td><td>a password, CopyData, CopyDone, CopyFail<td>nothing: part of what came before
 *   <tr><td><td>any other<td>a Sync has to follow
 *   <tr><td><td>SSLRequest, GSSENCRequest<td>not followed any more unless the response is {@code N}
 *   <tr><td><td>TLS at once, CancelRequest, an unknown version<td>not followed any more
 *   <tr><td>server<td>ReadyForQuery<td>one less is owed; it tells whether a transaction is open
 *   <tr><td><td>CopyInResponse<td>a Sync that was sent before is ignored: another has to follow
 *   <tr><td><td>CopyBothResponse, as for replication; a ReadyForQuery that is not owed
 *   <td>not followed any more
 * </table>
 */
final class PostgresqlSession {
  private static final int SSL_REQUEST = 80_877_103;
  private static final int GSS_ENCRYPTION_REQUEST = 80_877_104;
  private static final int MAJOR_VERSION = 3;

  /** The longest first message that a server accepts (MAX_STARTUP_PACKET_LENGTH). */
  private static final int LONGEST_STARTUP = 10_000;

  private static final int TYPED_HEAD = 5;
  private static final int UNTYPED_HEAD = 8;

  private static final byte[] TERMINATE = {'X', 0, 0, 0, 4};
  private static final byte[] TERMINATED =
      error("SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0");

  private final Messages client = new Messages();
  private final Messages server = new Messages();
  private boolean followed = true;

  /** Whether the client's next message has no type, as the StartupMessage and those before it. */
  private boolean starts = true;

  /** Whether the server's next byte responds to a request for encryption. */
  private boolean encryptionAsked;

  /** Whether the server's next byte is the status of a ReadyForQuery. */
  private boolean statusFollows;

  /** How many ReadyForQuery the server has to send. */
  private int owed;

  private boolean lastOwedBySync;
  private boolean syncFollows;

  /** The status in the last ReadyForQuery: I, T or E; 0 before the first. */
  private byte status;

  private static byte[] error(String fields) {
    return ByteBuffer.allocate(TYPED_HEAD + fields.length())
        .put((byte) 'E')
        .putInt(4 + fields.length())
        .put(fields.getBytes(StandardCharsets.US_ASCII))
        .array();
  }

  /** Tells a client that an administrator ends its session: FATAL, SQLSTATE 57P01. */
  static ByteBuf terminated() {
    return Unpooled.wrappedBuffer(TERMINATED);
  }

  /** Tells a server that its client goes. */
  static ByteBuf terminate() {
    return Unpooled.wrappedBuffer(TERMINATE);
  }

  /** Whether no transaction is open, nothing is asked, and neither side is amid a message. */
  boolean isIdle() {
    return followed
        && status == 'I'
        && owed == 0
        && !syncFollows
        && client.isBetween()
        && server.isBetween();
  }

  /** Follows bytes of the client. */
  void sent(ByteBuf data) {
    int index = data.readerIndex();
    int end = data.writerIndex();
    while (followed && index < end) {
      int head = starts ? UNTYPED_HEAD : TYPED_HEAD;
      index = client.pass(data, index, end, head);
      if (client.headBytes == head) {
        if (starts) {
          start(client.first(), client.second());
        } else {
          sent(client.first(), client.second());
        }
      }
    }
  }

  private void start(int length, int code) {
    client.body(length - UNTYPED_HEAD);
    if (length < UNTYPED_HEAD || length > LONGEST_STARTUP) {
      followed = false;
    } else if (code == SSL_REQUEST || code == GSS_ENCRYPTION_REQUEST) {
      encryptionAsked = true;
    } else if (code >>> 16 == MAJOR_VERSION) {
      starts = false;
      owed = 1;
    } else {
      followed = false;
    }
  }

  private void sent(int type, int length) {
    begins(client, length);
    switch (type) {
      case 'Q', 'S', 'F' -> {
        owed++;
        lastOwedBySync = type == 'S';
        syncFollows = false;
      }
      case 'p', 'd', 'c', 'f' -> {}
      default -> syncFollows = true;
    }
  }

  /** Follows bytes of the server. */
  void received(ByteBuf data) {
    int index = data.readerIndex();
    int end = data.writerIndex();
    while (followed && index < end) {
      if (encryptionAsked) {
        encryptionAsked = false;
        followed = data.getByte(index) == 'N';
        index++;
        continue;
      }
      if (statusFollows) {
        statusFollows = false;
        status = data.getByte(index);
        owed--;
        followed = owed >= 0;
      }
      index = server.pass(data, index, end, TYPED_HEAD);
      if (server.headBytes == TYPED_HEAD) {
        received(server.first(), server.second());
      }
    }
  }

  private void received(int type, int length) {
    begins(server, length);
    switch (type) {
      case 'Z' -> {
        statusFollows = true;
        followed &= length == TYPED_HEAD;
      }
      case 'G' -> {
        if (lastOwedBySync) {
          owed--;
          syncFollows = true;
        }
      }
      case 'W' -> followed = false;
      default -> {}
    }
  }

  private void begins(Messages side, int length) {
    int body = length - (TYPED_HEAD - 1);
    side.body(body);
    followed = body >= 0;
  }

  /** The messages of one side, whose bytes come in any pieces. */
  private static final class Messages {
    /** The bytes of the present head so far. */
    private long head;

    private int headBytes;
    private int bodyLeft;

    boolean isBetween() {
      return headBytes == 0 && bodyLeft == 0;
    }

    /** Passes bytes of a body, or else of a head; returns the index of the next byte. */
    int pass(ByteBuf data, int index, int end, int headLength) {
      if (bodyLeft > 0) {
        int passed = Math.min(bodyLeft, end - index);
        bodyLeft -= passed;
        return index + passed;
      }
      if (headBytes == 0 && headLength == TYPED_HEAD && end - index >= TYPED_HEAD) {
        head = (long) data.getByte(index) << 32 | data.getUnsignedInt(index + 1);
        headBytes = TYPED_HEAD;
        return index + TYPED_HEAD;
      }
      head = head << 8 | data.getUnsignedByte(index);
      headBytes++;
      return index + 1;
    }

    /** The type, or the length where there is no type. */
    int first() {
      return (int) (head >>> 32);
    }

    /** The length, or the code where there is no type. */
    int second() {
      return (int) head;
    }

    /** Its head is complete, and a body of that length follows. */
    void body(int length) {
      head = 0;
      headBytes = 0;
      bodyLeft = length;
    }
  }
}
