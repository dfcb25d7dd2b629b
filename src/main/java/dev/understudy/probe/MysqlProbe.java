package dev.understudy.probe;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.understudy.database.DataPosition;
import dev.understudy.database.GaleraState;
import dev.understudy.database.GtidSet;
import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.MysqlCheck;
import dev.understudy.text.Printable;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A probe in the protocol of MySQL and MariaDB, version 10.
 *
 * <pre>
 *  phase    | received                  | then
 *  ---------+---------------------------+-----------------------------------------------
 *  any      | an error packet           | bad: what it says
 *  GREETING | the greeting              | good; with a user, its login; with TLS first the
 *           |                           | handshake, if the server has TLS
 *  LOGIN    | OK                        | good; with a role, its first query
 *           | a change of plugin, once  | {@link MysqlLogin}
 *           | more of the plugin        | {@link MysqlLogin}
 *  STATUS   | the state of Galera       | bad as {@link GaleraState} says; else the next query
 *  RESULT   | the query's columns, row  | 0: good; 1: bad, read-only; and its position, if it
 *           |                           | has one
 * </pre>
 */
final class MysqlProbe extends ByteProbe {
  private static final int HEAD = 4;
  private static final int GREETING_VERSION = 10;
  private static final int ERROR = 0xff;
  private static final int OK = 0;
  private static final int MORE = 1;
  private static final int CHANGE_OF_PLUGIN = 0xfe;
  private static final int END = 0xfe;

  /** A length that the next two bytes have. */
  private static final int TWO_BYTES = 0xfc;

  /** LONG_PASSWORD, PROTOCOL_41, SECURE_CONNECTION and PLUGIN_AUTH. */
  private static final int CAPABILITIES = 0x1 | 0x200 | 0x8000 | 0x80000;

  private static final int SSL = 0x800;

  /** Where a greeting has its abilities, after the zero of its version. */
  private static final int GREETING_ABILITIES = 13;

  /** What a greeting has between the zero after its version and the second part of its salt. */
  private static final int GREETING_FIXED = 31;

  private static final int FIRST_SALT = 8;
  private static final int UTF8 = 33;
  private static final int QUERY = 3;
  private static final byte[] QUIT = {1, 0, 0, 0, 1};

  /** More than a position may have, which is then not known. */
  private static final int POSITION = DataPosition.MAX_TEXT + 1;

  /**
   * Whether it takes writes, and its position where it has one. Comments with a version are read by
   * those servers alone: MySQL since 5.7, which MariaDB knows to leave out (MariaDB 10.11, Comment
   * Syntax), and MariaDB since 10.0.
   */
  static final String QUERY_TEXT =
      "SELECT @@global.read_only"
          + "/*!50700 ,LEFT(@@global.gtid_executed,"
          + POSITION
          + ")*//*M!100002 ,LEFT(@@global.gtid_current_pos,"
          + POSITION
          + ")*/";

  /** MariaDB says OFF, ON, NO_LOCK or NO_LOCK_NO_ADMIN since 12.0 (MDEV-36425). */
  private static final Set<String> WRITABLE = Set.of("0", "OFF");

  /** Longer than any name or word that is asked for. */
  private static final int LONGEST_VALUE = 64;

  /** More than are asked for. */
  private static final int MOST_ROWS = 16;

  private enum Await {
    GREETING,
    TLS,
    LOGIN,
    STATUS,
    RESULT
  }

  private final MysqlCheck check;
  private final MysqlLogin login;
  private @Nullable SslHandler tls;
  private byte[] first = {};
  private boolean changed;

  /** Of the next packet. */
  private int sequence;

  private Await await = Await.GREETING;

  /** Packets at the end of the columns and of the rows, of the present query. */
  private int ends;

  private final Map<String, String> status = new HashMap<>();

  private String version = "";

  MysqlProbe(Prober.Request request, MysqlCheck check, Consumer<Observation.Probe> done) {
    super(request, done);
    this.check = check;
    login = new MysqlLogin(check.password());
  }

  @Override
  boolean negotiatesTls(SslHandler handler) {
    // Else it comes first, as traffic has it.
    boolean negotiated = Boolean.TRUE.equals(check.connection().tls());
    tls = negotiated ? handler : null;
    return negotiated;
  }

  @Override
  void ready(ChannelHandlerContext ctx) {
    if (await == Await.TLS) {
      logIn(ctx);
    } // Else the server speaks first.
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
      sequence = bytes.getUnsignedByte(bytes.readerIndex() + 3) + 1;
      packet(ctx, bytes.slice(bytes.readerIndex() + HEAD, length));
      bytes.skipBytes(HEAD + length);
      if (await == Await.TLS && !reported()) {
        startTls(ctx, bytes);
      }
    }
  }

  private void packet(ChannelHandlerContext ctx, ByteBuf body) {
    int type = body.getUnsignedByte(body.readerIndex());
    if (type == ERROR) {
      serverError(ctx, error(body));
      return;
    }
    switch (await) {
      case GREETING -> greeting(ctx, body, type);
      case TLS -> malformed(ctx, "MySQL");
      case LOGIN -> login(ctx, body, type);
      case STATUS -> status(ctx, body, type);
      case RESULT -> result(ctx, body, type);
    }
  }

  /** Code and message, without the SQL state that stands between them after the greeting. */
  private static String error(ByteBuf body) {
    if (body.readableBytes() < 3) {
      return "an error without a message";
    }
    int code = body.getUnsignedShortLE(body.readerIndex() + 1);
    String message = body.toString(body.readerIndex() + 3, body.readableBytes() - 3, UTF_8);
    boolean state = message.length() >= 6 && message.charAt(0) == '#';
    return "error " + code + ": " + (state ? message.substring(6) : message);
  }

  private void greeting(ChannelHandlerContext ctx, ByteBuf body, int type) {
    int end = body.bytesBefore((byte) 0);
    if (type != GREETING_VERSION || sequence != 1 || end < 2) {
      malformed(ctx, "MySQL");
      return;
    }
    version = Details.quoted(body.toString(body.readerIndex() + 1, end - 1, UTF_8));
    if (check.user() == null) {
      leave(ctx, new ProbeResult(ProbeOutcome.OK, "version " + version), new byte[0]);
      return;
    }
    body.skipBytes(end + 1);
    if (tls != null && !offersTls(body)) {
      leave(ctx, new ProbeResult(ProbeOutcome.TLS_FAILED, "the server has no TLS"), new byte[0]);
      return;
    }
    try {
      first = first(body);
    } catch (LoginException e) {
      loginFailed(ctx, e);
      return;
    }
    if (tls == null) {
      logIn(ctx);
    } else {
      await = Await.TLS;
    }
  }

  /**
   * The answer for the greeting, from what follows its version: an id, 8 bytes of the salt, a zero,
   * abilities, character set, status, abilities, the salt's length, 10 zeros, the rest of the salt
   * and the plugin.
   */
  private byte[] first(ByteBuf greeting) throws LoginException {
    int rest = MysqlLogin.SALT - FIRST_SALT;
    if (greeting.readableBytes() <= GREETING_FIXED + rest) {
      return login.first("", new byte[0]);
    }
    byte[] salt = new byte[MysqlLogin.SALT];
    greeting.skipBytes(4).readBytes(salt, 0, FIRST_SALT).skipBytes(GREETING_FIXED - 4 - FIRST_SALT);
    greeting.readBytes(salt, FIRST_SALT, rest).skipBytes(1);
    return login.first(terminated(greeting), salt);
  }

  private static boolean offersTls(ByteBuf greeting) {
    int abilities = greeting.readerIndex() + GREETING_ABILITIES;
    return greeting.readableBytes() > GREETING_FIXED
        && (greeting.getUnsignedShortLE(abilities) & SSL) != 0;
  }

  /** The text up to a zero, or to the end. */
  private static String terminated(ByteBuf from) {
    int length = from.bytesBefore((byte) 0);
    String text =
        from.readCharSequence(length < 0 ? from.readableBytes() : length, US_ASCII).toString();
    from.skipBytes(length < 0 ? 0 : 1);
    return text;
  }

  private void startTls(ChannelHandlerContext ctx, ByteBuf bytes) {
    if (bytes.isReadable()) {
      malformed(ctx, "MySQL");
      return;
    }
    sendPacket(ctx, abilities(SSL));
    enter(Phase.TLS);
    ctx.pipeline().addBefore(ctx.name(), null, Objects.requireNonNull(tls));
  }

  /** The beginning of a login, which alone asks for TLS. */
  private static ByteBuf abilities(int further) {
    ByteBuf packet = Unpooled.buffer(64).writeIntLE(CAPABILITIES | further).writeIntLE(1 << 24);
    return packet.writeByte(UTF8).writeZero(23);
  }

  private void logIn(ChannelHandlerContext ctx) {
    await = Await.LOGIN;
    ByteBuf packet = abilities(tls == null ? 0 : SSL);
    packet.writeCharSequence(check.user() + "\0", UTF_8);
    packet.writeByte(first.length).writeBytes(first);
    packet.writeCharSequence(login.plugin() + "\0", US_ASCII);
    sendPacket(ctx, packet);
  }

  private void login(ChannelHandlerContext ctx, ByteBuf body, int type) {
    if (type == OK) {
      loggedIn(ctx);
    } else if ((type == CHANGE_OF_PLUGIN && !changed) || type == MORE) {
      try {
        byte[] answer = type == MORE ? more(ctx, body.skipBytes(1)) : change(body.skipBytes(1));
        if (answer != null) {
          sendPacket(ctx, Unpooled.wrappedBuffer(answer));
        }
      } catch (LoginException e) {
        loginFailed(ctx, e);
      }
    } else {
      malformed(ctx, "MySQL");
    }
  }

  private byte @Nullable [] more(ChannelHandlerContext ctx, ByteBuf data) throws LoginException {
    return login.more(data, ctx.pipeline().get(SslHandler.class) != null);
  }

  /** Without a name, the plugin is that of MySQL 4.0. */
  private byte[] change(ByteBuf request) throws LoginException {
    changed = true;
    String plugin = request.isReadable() ? terminated(request) : "mysql_old_password";
    byte[] salt = new byte[Math.max(0, request.readableBytes() - 1)];
    request.readBytes(salt);
    return login.change(plugin, salt);
  }

  private void loggedIn(ChannelHandlerContext ctx) {
    if (check.role().isOfGalera()) {
      query(ctx, Await.STATUS, GaleraState.QUERY);
    } else if (check.role() == DatabaseRole.PRIMARY) {
      query(ctx, Await.RESULT, QUERY_TEXT);
    } else {
      leave(ctx, new ProbeResult(ProbeOutcome.OK, "user let in, version " + version), QUIT);
    }
  }

  private void query(ChannelHandlerContext ctx, Await result, String text) {
    await = result;
    sequence = 0;
    ends = 0;
    ByteBuf query = Unpooled.buffer(256).writeByte(QUERY);
    query.writeCharSequence(text, US_ASCII);
    sendPacket(ctx, query);
  }

  private static boolean isEnd(ByteBuf body, int type) {
    return type == END && body.readableBytes() < 9;
  }

  /** The count of columns, two columns, an end, rows of a name and a value, an end. */
  private void status(ChannelHandlerContext ctx, ByteBuf body, int type) {
    if (isEnd(body, type)) {
      if (++ends == 2) {
        judge(ctx, GaleraState.problem(status, check.role()));
      }
    } else if (ends == 1) {
      String name = text(body);
      String value = text(body);
      if (name == null || value == null || body.isReadable() || status.size() == MOST_ROWS) {
        malformed(ctx, "MySQL");
      } else {
        status.put(name, value);
      }
    }
  }

  private void judge(ChannelHandlerContext ctx, @Nullable String problem) {
    if (problem == null) {
      query(ctx, Await.RESULT, QUERY_TEXT);
    } else {
      String detail = Printable.escapedAndCut(problem, Details.MAX);
      String position = GaleraState.position(status);
      leave(ctx, new ProbeResult(ProbeOutcome.BAD_STATUS, detail, null, position), QUIT);
    }
  }

  /** The next text of a row, with its length before it; null if it is cut or too long. */
  private static @Nullable String text(ByteBuf row) {
    int length = row.isReadable() ? row.readUnsignedByte() : Integer.MAX_VALUE;
    return length > Math.min(LONGEST_VALUE, row.readableBytes())
        ? null
        : row.readString(length, US_ASCII);
  }

  /** The count of columns, one or two columns, an end, one row with their texts, an end. */
  private void result(ChannelHandlerContext ctx, ByteBuf body, int type) {
    if (isEnd(body, type)) {
      ends++;
    } else if (ends == 1) {
      String readOnly = text(body);
      if (readOnly == null) {
        malformed(ctx, "MySQL");
      } else {
        String position = check.role().isOfGalera() ? GaleraState.position(status) : position(body);
        leave(ctx, verdict(readOnly, position), QUIT);
      }
    } else if (ends > 0) {
      malformed(ctx, "MySQL");
    }
  }

  /** The last text of a row, with its length before it; null if it is none, or no position. */
  private static @Nullable String position(ByteBuf row) {
    int length = row.isReadable() ? row.readUnsignedByte() : 0;
    if (length == TWO_BYTES) {
      length = row.readableBytes() < 2 ? 0 : row.readUnsignedShortLE();
    }
    return length == row.readableBytes() ? GtidSet.stored(row.readString(length, US_ASCII)) : null;
  }

  private ProbeResult verdict(String readOnly, @Nullable String position) {
    boolean galera = check.role().isOfGalera();
    if (WRITABLE.contains(readOnly)) {
      String role = galera ? GaleraState.word(status) : "primary";
      return new ProbeResult(ProbeOutcome.OK, role + ", version " + version, null, position);
    }
    String expected = galera ? "read_only = 0" : "a primary (read_only = 0)";
    return new ProbeResult(
        galera ? ProbeOutcome.BAD_STATUS : ProbeOutcome.WRONG_ROLE,
        "read-only; expected " + expected,
        null,
        position);
  }

  private void sendPacket(ChannelHandlerContext ctx, ByteBuf body) {
    ByteBuf packet = Unpooled.buffer(HEAD + body.readableBytes());
    packet.writeMediumLE(body.readableBytes()).writeByte(sequence++ & 0xff).writeBytes(body);
    send(ctx, packet);
  }
}
