package dev.understudy.probe;

import dev.understudy.database.DataHistory;
import dev.understudy.database.DataPosition.Wal;
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
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
 *                    | ReadyForQuery                | both queries
 *  Query             | DataRow f, t                 | a primary, a standby; what follows tells its
 *                    |                              | position
 *                    | DataRow, ErrorResponse,      | good if it is a primary, bad if a standby,
 *                    | ReadyForQuery                | whatever this says
 * </pre>
 */
final class PostgresqlProbe extends ByteProbe {
  private static final int SSL_REQUEST = 80_877_103;
  private static final int PROTOCOL = 196_608;
  private static final int HEAD = 5;

  /**
   * The role, then the position: of a primary what it has written and its segment's name, which
   * begins with the timeline in 8 hexadecimal digits; of a standby what it has received and
   * replayed. An error in the second, as of a PostgreSQL before 10, comes after the first one's
   * result. Any user may ask for all of that.
   */
  static final String QUERIES =
      "SELECT pg_is_in_recovery();"
          + "SELECT CASE WHEN r THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END,"
          + "CASE WHEN r THEN pg_last_wal_replay_lsn() END,"
          + "CASE WHEN NOT r THEN pg_walfile_name(pg_current_wal_lsn()) END "
          + "FROM (SELECT pg_is_in_recovery() AS r) AS role";

  private static final int COLUMNS = 3;
  private static final int LONGEST_COLUMN = 64;
  private static final Pattern SEGMENT = Pattern.compile("([0-9A-F]{8})[0-9A-F]{16}");
  private static final byte[] TERMINATE = {'X', 0, 0, 0, 4};
  private static final byte[] NOTHING = {};

  private final PostgresqlCheck check;
  private final @Nullable PostgresqlLogin login;
  private @Nullable SslHandler tls;
  private boolean tlsAsked;
  private boolean letIn;

  /** Null until it has told its role. */
  private @Nullable Boolean primary;

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
        if (primary == null) {
          serverError(ctx, error(body));
        } else {
          told(ctx, primary, List.of());
        }
      }
      case 'R' -> authentication(ctx, body);
      case 'Z' -> {
        if (primary == null) {
          query(ctx, QUERIES);
        } else {
          told(ctx, primary, List.of());
        }
      }
      case 'D' -> {
        if (primary == null) {
          role(ctx, body);
        } else {
          told(ctx, primary, columns(body));
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
  private void role(ChannelHandlerContext ctx, ByteBuf body) {
    boolean boolText =
        letIn && body.readableBytes() == 7 && body.getInt(body.readerIndex() + 2) == 1;
    byte value = boolText ? body.getByte(body.readerIndex() + 6) : 0;
    if (value == 'f' || value == 't') {
      primary = value == 'f';
    } else {
      malformed(ctx, "PostgreSQL");
    }
  }

  /** The columns of a row, an empty text for what is null; none if they are not those asked for. */
  private static List<String> columns(ByteBuf row) {
    if (row.readableBytes() < 2 || row.readUnsignedShort() != COLUMNS) {
      return List.of();
    }
    List<String> columns = new ArrayList<>(COLUMNS);
    while (columns.size() < COLUMNS && row.readableBytes() >= 4) {
      int length = Math.max(0, row.readInt());
      if (length > Math.min(LONGEST_COLUMN, row.readableBytes())) {
        return List.of();
      }
      columns.add(row.readString(length, StandardCharsets.US_ASCII));
    }
    return columns.size() == COLUMNS && !row.isReadable() ? columns : List.of();
  }

  /**
   * Its role is known, whatever it says of its position.
   *
   * @param position the three columns; empty if it says nothing
   */
  private void told(ChannelHandlerContext ctx, boolean isPrimary, List<String> position) {
    String at = position.isEmpty() ? null : Wal.stored(position.get(0), position.get(1));
    if (!isPrimary) {
      String standby = "a standby: it is in recovery; expected a primary";
      leave(ctx, new ProbeResult(ProbeOutcome.WRONG_ROLE, standby, null, at), TERMINATE);
      return;
    }
    String history = position.isEmpty() ? null : timeline(position.get(2));
    String detail = history == null ? "primary" : "primary, " + history;
    leave(ctx, new ProbeResult(ProbeOutcome.OK, detail, history, at), TERMINATE);
  }

  /** The timeline of a segment with that name; null if it is none. */
  private static @Nullable String timeline(String segment) {
    Matcher name = SEGMENT.matcher(segment);
    return name.matches()
        ? new DataHistory.Timeline(Long.parseLong(name.group(1), 16)).stored()
        : null;
  }
}
