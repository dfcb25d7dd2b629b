package dev.understudy.probe;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.MysqlCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * A probe in the protocol of MySQL and MariaDB, version 10.
 *
 * <pre>
 *  phase    | received                  | then
 *  ---------+---------------------------+-----------------------------------------------
 *  any      | an error packet           | bad: what it says
 *  GREETING | the greeting              | good; with a user, its login
 *  LOGIN    | OK                        | good; with role primary, the query
 *           | a change of plugin        | an empty password
 *  RESULT   | the query's columns, row  | 0: good; 1: bad, read-only
 * </pre>
 */
final class MysqlProbe extends ByteProbe {
  private static final int HEAD = 4;
  private static final int GREETING_VERSION = 10;
  private static final int ERROR = 0xff;
  private static final int OK = 0;
  private static final int CHANGE_OF_PLUGIN = 0xfe;
  private static final int END = 0xfe;

  /** LONG_PASSWORD, PROTOCOL_41, SECURE_CONNECTION and PLUGIN_AUTH. */
  private static final int CAPABILITIES = 0x1 | 0x200 | 0x8000 | 0x80000;

  private static final int UTF8 = 33;
  private static final int QUERY = 3;
  private static final byte[] QUIT = {1, 0, 0, 0, 1};
  private static final String QUERY_TEXT = "SELECT @@global.read_only";

  private enum Await {
    GREETING,
    LOGIN,
    RESULT
  }

  private final MysqlCheck check;
  private Await await = Await.GREETING;

  /** Packets at the end of the columns and of the rows. */
  private int ends;

  private String version = "";

  MysqlProbe(Prober.Request request, MysqlCheck check, Consumer<Observation.Probe> done) {
    super(request, done);
    this.check = check;
  }

  @Override
  void ready(ChannelHandlerContext ctx) {
    // The server speaks first.
  }

  @Override
  void received(ChannelHandlerContext ctx, ByteBuf bytes) {
    while (!reported() && bytes.readableBytes() >= HEAD) {
      int length = bytes.getUnsignedMediumLE(bytes.readerIndex());
      if (length == 0 || length > MAX_BYTES - HEAD) {
        malformed(ctx, "MySQL");
        return;
      }
      if (bytes.readableBytes() < HEAD + length) {
        return;
      }
      int sequence = bytes.getUnsignedByte(bytes.readerIndex() + 3);
      packet(ctx, sequence, bytes.slice(bytes.readerIndex() + HEAD, length));
      bytes.skipBytes(HEAD + length);
    }
  }

  private void packet(ChannelHandlerContext ctx, int sequence, ByteBuf body) {
    int type = body.getUnsignedByte(body.readerIndex());
    if (type == ERROR) {
      serverError(ctx, error(body));
      return;
    }
    switch (await) {
      case GREETING -> greeting(ctx, sequence, body, type);
      case LOGIN -> login(ctx, sequence, type);
      case RESULT -> result(ctx, body, type);
    }
  }

  /** Code and message, without the SQL state that stands between them after the greeting. */
  private static String error(ByteBuf body) {
    if (body.readableBytes() < 3) {
      return "an error without a message";
    }
    int code = body.getUnsignedShortLE(body.readerIndex() + 1);
    String message =
        body.toString(body.readerIndex() + 3, body.readableBytes() - 3, StandardCharsets.UTF_8);
    boolean state = message.length() >= 6 && message.charAt(0) == '#';
    return "error " + code + ": " + (state ? message.substring(6) : message);
  }

  private void greeting(ChannelHandlerContext ctx, int sequence, ByteBuf body, int type) {
    int end = body.bytesBefore((byte) 0);
    if (type != GREETING_VERSION || sequence != 0 || end < 2) {
      malformed(ctx, "MySQL");
      return;
    }
    version =
        Details.quoted(body.toString(body.readerIndex() + 1, end - 1, StandardCharsets.UTF_8));
    String user = check.user();
    if (user == null) {
      leave(ctx, new ProbeResult(ProbeOutcome.OK, "version " + version), new byte[0]);
      return;
    }
    await = Await.LOGIN;
    ByteBuf login = Unpooled.buffer(64);
    login.writeIntLE(CAPABILITIES).writeIntLE(1 << 24).writeByte(UTF8).writeZero(23);
    login.writeCharSequence(user + "\0", StandardCharsets.UTF_8);
    login.writeByte(0);
    login.writeCharSequence("mysql_native_password\0", StandardCharsets.US_ASCII);
    sendPacket(ctx, 1, login);
  }

  private void login(ChannelHandlerContext ctx, int sequence, int type) {
    if (type == CHANGE_OF_PLUGIN) {
      // An empty password is empty for each plugin.
      sendPacket(ctx, sequence + 1, Unpooled.EMPTY_BUFFER);
    } else if (type != OK) {
      malformed(ctx, "MySQL");
    } else if (check.role() == DatabaseRole.PRIMARY) {
      await = Await.RESULT;
      ByteBuf query = Unpooled.buffer(64).writeByte(QUERY);
      query.writeCharSequence(QUERY_TEXT, StandardCharsets.US_ASCII);
      sendPacket(ctx, 0, query);
    } else {
      leave(ctx, new ProbeResult(ProbeOutcome.OK, "user let in, version " + version), QUIT);
    }
  }

  /** The count of columns, one column, an end, one row: its text of one character, an end. */
  private void result(ChannelHandlerContext ctx, ByteBuf body, int type) {
    if (type == END && body.readableBytes() < 9) {
      ends++;
    } else if (ends == 1 && body.readableBytes() == 2 && type == 1) {
      boolean writable = body.getByte(body.readerIndex() + 1) == '0';
      leave(
          ctx,
          writable
              ? new ProbeResult(ProbeOutcome.OK, "primary, version " + version)
              : new ProbeResult(
                  ProbeOutcome.WRONG_ROLE, "read-only; expected a primary (read_only = 0)"),
          QUIT);
    } else if (ends > 0) {
      malformed(ctx, "MySQL");
    }
  }

  private void sendPacket(ChannelHandlerContext ctx, int sequence, ByteBuf body) {
    ByteBuf packet = Unpooled.buffer(HEAD + body.readableBytes());
    packet.writeMediumLE(body.readableBytes()).writeByte(sequence & 0xff).writeBytes(body);
    send(ctx, packet);
  }
}
