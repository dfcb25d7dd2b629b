package dev.understudy.probe;

import dev.understudy.database.DataHistory;
import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.PostgresqlCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A probe in the protocol of PostgreSQL, version 3.0 (PostgreSQL 15, chapter 55).
 *
 * <pre>
 *  sent              | received                     | then
 *  ------------------+------------------------------+------------------------------------------
 *  SSLRequest        | S                            | the TLS handshake, then StartupMessage
 *  (with TLS only)   | N                            | bad: the server has no TLS
 *                    | ErrorResponse                | bad: what it says
 *  StartupMessage    | ErrorResponse                | bad: what it says
 *                    | a request for a password     | {@link PostgresqlLogin}; without a password good,
 *                    |                              | with role primary bad
 *                    | AuthenticationOk             | good; with role primary ReadyForQuery awaited
 *                    | ReadyForQuery                | the query
 *  Query             | DataRow f                    | a query of the timeline
 *                    | DataRow t                    | bad: a standby
 *  Query             | DataRow, ErrorResponse        | good
 * </pre>
 */
final class PostgresqlProbe extends ByteProbe {
  private static final int SSL_REQUEST = 80_877_103;
  private static final int PROTOCOL = 196_608;
  private static final int HEAD = 5;
  private static final String ROLE = "SELECT pg_is_in_recovery()";

  /** A segment's name begins with its timeline, 8 hexadecimal digits (PostgreSQL 10 and later). */
  private static final String TIMELINE = "SELECT pg_walfile_name(pg_current_wal_lsn())";

  private static final int TIMELINE_DIGITS = 8;
  private static final byte[] TERMINATE = {'X', 0, 0, 0, 4};
  private static final byte[] NOTHING = {};

  private final PostgresqlCheck check;
  private final @Nullable PostgresqlLogin login;
  private @Nullable SslHandler tls;
  private boolean tlsAsked;
  private boolean letIn;
  private boolean primary;

  PostgresqlProbe(Prober.Request request, PostgresqlCheck check, Consumer<Observation.Probe> done) {
    super(request, done);
    this.check = check;
    String password = check.password();
    login = password == null ? null : new PostgresqlLogin(check.user(), password);
  }

  @Override
  boolean negotiatesTls(SslHandler handler) {
    tls = handler;
    return true;
  }

  @Override
  void ready(ChannelHandlerContext ctx) {
    if (tls != null && !tlsAsked) {
      tlsAsked = true;
      send(ctx, ByteBuffer.allocate(8).putInt(8).putInt(SSL_REQUEST).array());
    } else {
      tls = null;
      send(ctx, startupMessage());
    }
  }

  private ByteBuf startupMessage() {
    ByteBuf message = Unpooled.buffer(64).writeInt(0).writeInt(PROTOCOL);
    parameter(message, "user", check.user());
    String database = check.database();
    if (database != null) {
      parameter(message, "database", database);
    }
    message.writeByte(0);
    return message.setInt(0, message.readableBytes());
  }

  private static void parameter(ByteBuf to, String name, String value) {
    to.writeCharSequence(name + "\0" + value + "\0", StandardCharsets.UTF_8);
  }

  @Override
  void received(ChannelHandlerContext ctx, ByteBuf bytes) {
    SslHandler handler = tls;
    if (handler != null && bytes.getByte(bytes.readerIndex()) != 'E') {
      startTls(ctx, bytes, handler);
      return;
    }
    while (!reported() && bytes.readableBytes() >= HEAD) {
      int length = bytes.getInt(bytes.readerIndex() + 1);
      if (length < 4 || length >= MAX_BYTES) {
        malformed(ctx, "PostgreSQL");
        return;
      }
      if (bytes.readableBytes() <= length) {
        return;
      }
      byte type = bytes.getByte(bytes.readerIndex());
      message(ctx, type, bytes.slice(bytes.readerIndex() + HEAD, length - 4));
      bytes.skipBytes(1 + length);
    }
  }

  private void startTls(ChannelHandlerContext ctx, ByteBuf bytes, SslHandler handler) {
    byte reply = bytes.readByte();
    if (reply == 'S' && !bytes.isReadable()) {
      enter(Phase.TLS);
      ctx.pipeline().addBefore(ctx.name(), null, handler);
    } else if (reply == 'N') {
      end(ctx.channel(), ProbeOutcome.TLS_FAILED, "the server has no TLS (ssl = off)");
    } else {
      bytes.resetReaderIndex();
      malformed(ctx, "PostgreSQL");
    }
  }

  private void message(ChannelHandlerContext ctx, byte type, ByteBuf body) {
    switch (type) {
      case 'E' -> {
        if (primary) {
          primary(ctx, null);
        } else {
          serverError(ctx, error(body));
        }
      }
      case 'R' -> authentication(ctx, body);
      case 'Z' -> query(ctx, primary ? TIMELINE : ROLE);
      case 'D' -> {
        if (primary) {
          primary(ctx, timeline(body));
        } else {
          row(ctx, body);
        }
      }
      case 'S', 'K', 'N', 'T', 'C' -> {
        if (!letIn) {
          malformed(ctx, "PostgreSQL");
        }
      }
      default -> malformed(ctx, "PostgreSQL");
    }
  }

  /** Severity and message of an ErrorResponse (chapter 55.8). */
  private static String error(ByteBuf body) {
    String severity = "";
    String message = "an error without a message";
    while (body.isReadable()) {
      byte field = body.readByte();
      int length = body.bytesBefore((byte) 0);
      if (length < 0) {
        break;
      }
      String value = body.readCharSequence(length, StandardCharsets.UTF_8).toString();
      body.skipBytes(1);
      if (field == 'S') {
        severity = value + ": ";
      } else if (field == 'M') {
        message = value;
      }
    }
    return severity + message;
  }

  private void authentication(ChannelHandlerContext ctx, ByteBuf body) {
    if (body.readableBytes() < 4) {
      malformed(ctx, "PostgreSQL");
      return;
    }
    int method = body.readInt();
    letIn = method == PostgresqlLogin.OK;
    if (login != null && !answered(ctx, login, method, body)) {
      return;
    }
    boolean wantsPrimary = check.role() == DatabaseRole.PRIMARY;
    if (wantsPrimary && !letIn) {
      leave(
          ctx,
          new ProbeResult(
              ProbeOutcome.BAD_STATUS,
              "role cannot be asked for: the server wants a password of user "
                  + Details.quoted(check.user())),
          NOTHING);
    } else if (!wantsPrimary) {
      String how = letIn ? "user let in" : "password asked for";
      leave(ctx, new ProbeResult(ProbeOutcome.OK, how), letIn ? TERMINATE : NOTHING);
    }
  }

  /** Takes a turn of the login; whether the server lets the user in. */
  private boolean answered(
      ChannelHandlerContext ctx, PostgresqlLogin login, int method, ByteBuf body) {
    try {
      byte[] answer = login.answer(method, body, ctx.pipeline().get(SslHandler.class));
      if (answer.length > 0) {
        send(ctx, answer);
      }
      return letIn;
    } catch (LoginException e) {
      letIn = false;
      loginFailed(ctx, e);
      return false;
    }
  }

  private void query(ChannelHandlerContext ctx, String sql) {
    byte[] query = (sql + "\0").getBytes(StandardCharsets.US_ASCII);
    int length = 4 + query.length;
    send(ctx, ByteBuffer.allocate(1 + length).put((byte) 'Q').putInt(length).put(query).array());
  }

  /** One column: its count, its length, its text. */
  private void row(ChannelHandlerContext ctx, ByteBuf body) {
    boolean boolText =
        letIn && body.readableBytes() == 7 && body.getInt(body.readerIndex() + 2) == 1;
    byte value = boolText ? body.getByte(body.readerIndex() + 6) : 0;
    if (value == 'f') {
      primary = true;
    } else if (value == 't') {
      String standby = "a standby: it is in recovery; expected a primary";
      leave(ctx, new ProbeResult(ProbeOutcome.WRONG_ROLE, standby), TERMINATE);
    } else {
      malformed(ctx, "PostgreSQL");
    }
  }

  /** The timeline in a row of one column, a segment's name; null if it is none. */
  private static @Nullable String timeline(ByteBuf body) {
    if (body.readableBytes() < 6 + TIMELINE_DIGITS) {
      return null;
    }
    String digits =
        body.toString(body.readerIndex() + 6, TIMELINE_DIGITS, StandardCharsets.US_ASCII);
    try {
      return new DataHistory.Timeline(Long.parseLong(digits, 16)).stored();
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** A primary, whatever it says of its timeline. */
  private void primary(ChannelHandlerContext ctx, @Nullable String history) {
    String detail = history == null ? "primary" : "primary, " + history;
    leave(ctx, new ProbeResult(ProbeOutcome.OK, detail, history), TERMINATE);
  }
}
