package dev.understudy.probe;

import dev.understudy.database.DataHistory;
import dev.understudy.database.DataPosition;
import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.RedisCheck;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A probe in RESP, the protocol of Redis: {@code AUTH} if there is a password, {@code PING} and, if
 * a primary is expected, {@code INFO replication} and {@code INFO keyspace}; all are sent at once.
 * Whatever the last one's reply is, it makes no server bad.
 *
 * <p>A reply is {@code +OK} or {@code -ERR …} and the like, one line; or {@code $N}, followed by N
 * bytes.
 */
final class RedisProbe extends ByteProbe {
  private static final int MAX_LINE = 1024;

  private enum Command {
    AUTH,
    PING,
    INFO,
    KEYSPACE
  }

  private final RedisCheck check;
  private final Deque<Command> awaited = new ArrayDeque<>();
  private String replication = "";

  RedisProbe(Prober.Request request, RedisCheck check, Consumer<Observation.Probe> done) {
    super(request, done);
    this.check = check;
  }

  @Override
  void ready(ChannelHandlerContext ctx) {
    StringBuilder commands = new StringBuilder();
    String password = check.password();
    if (password != null) {
      awaited.add(Command.AUTH);
      String user = check.user();
      command(commands, user == null ? List.of("AUTH", password) : List.of("AUTH", user, password));
    }
    awaited.add(Command.PING);
    command(commands, List.of("PING"));
    if (check.role() == DatabaseRole.PRIMARY) {
      awaited.add(Command.INFO);
      command(commands, List.of("INFO", "replication"));
      awaited.add(Command.KEYSPACE);
      command(commands, List.of("INFO", "keyspace"));
    }
    send(ctx, commands.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void command(StringBuilder to, List<String> words) {
    to.append('*').append(words.size()).append("\r\n");
    for (String word : words) {
      int bytes = word.getBytes(StandardCharsets.UTF_8).length;
      to.append('$').append(bytes).append("\r\n").append(word).append("\r\n");
    }
  }

  @Override
  void received(ChannelHandlerContext ctx, ByteBuf bytes) {
    while (!reported()) {
      bytes.markReaderIndex();
      String line = line(bytes);
      if (line == null) {
        if (bytes.readableBytes() > MAX_LINE || !isReply(bytes)) {
          malformed(ctx, "Redis");
        }
        return;
      }
      if (!reply(ctx, line, bytes)) {
        bytes.resetReaderIndex();
        return;
      }
    }
  }

  private static boolean isReply(ByteBuf bytes) {
    return !bytes.isReadable() || "+-$".indexOf(bytes.getByte(bytes.readerIndex())) >= 0;
  }

  /** Reads a line without its end; null if it is not complete. */
  private static @Nullable String line(ByteBuf bytes) {
    int length = bytes.bytesBefore((byte) '\n');
    if (length < 0) {
      return null;
    }
    String line = bytes.toString(bytes.readerIndex(), length, StandardCharsets.UTF_8);
    bytes.skipBytes(length + 1);
    return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
  }

  /** Takes one reply; false if it is not complete. */
  private boolean reply(ChannelHandlerContext ctx, String line, ByteBuf bytes) {
    Command command = awaited.element();
    boolean keyspace = command == Command.KEYSPACE;
    if (line.startsWith("-") && !keyspace) {
      serverError(ctx, (command == Command.PING ? "" : command + ": ") + line.substring(1));
    } else if (keyspace || command == Command.INFO) {
      return section(ctx, keyspace, line, bytes);
    } else if (line.equals(command == Command.AUTH ? "+OK" : "+PONG")) {
      replied(ctx, "responded +PONG");
    } else {
      bytes.resetReaderIndex();
      malformed(ctx, "Redis");
    }
    return true;
  }

  private void replied(ChannelHandlerContext ctx, String detail) {
    awaited.remove();
    if (awaited.isEmpty()) {
      good(ctx, detail);
    }
  }

  /** Takes a section of {@code INFO}; false if it is not complete. */
  private boolean section(ChannelHandlerContext ctx, boolean keyspace, String line, ByteBuf bytes) {
    int length = length(line);
    if (length >= 0 && bytes.readableBytes() < length + 2) {
      return false;
    }
    if (length >= 0 && keyspace) {
      keyspace(ctx, text(bytes, length));
    } else if (length >= 0) {
      info(ctx, text(bytes, length));
    } else if (keyspace) {
      String position = position("master_repl_offset");
      end(ctx.channel(), new ProbeResult(ProbeOutcome.OK, "role master", null, position));
    } else {
      bytes.resetReaderIndex();
      malformed(ctx, "Redis");
    }
    return true;
  }

  private void info(ChannelHandlerContext ctx, String section) {
    replication = section;
    String role = field("role");
    if (role.equals("master")) {
      replied(ctx, "role master");
    } else {
      String link =
          field("master_link_status").equals("down") ? "; its link to the master is down" : "";
      String detail = "role " + Details.quoted(role) + ", expected a primary (master)" + link;
      end(
          ctx.channel(),
          new ProbeResult(ProbeOutcome.WRONG_ROLE, detail, null, position("slave_repl_offset")));
    }
  }

  /** Lines such as {@code db0:keys=1,expires=0,avg_ttl=0}, one for each database with keys. */
  private void keyspace(ChannelHandlerContext ctx, String section) {
    boolean empty = section.lines().noneMatch(each -> each.startsWith("db"));
    String id = field("master_replid");
    String detail = empty ? "role master, no key" : "role master";
    String history =
        id.isEmpty()
            ? null
            : new DataHistory.Replication(id, field("master_replid2"), empty).stored();
    String position = position("master_repl_offset");
    end(ctx.channel(), new ProbeResult(ProbeOutcome.OK, detail, history, position));
  }

  /** How far its data has come by that field; null if it does not say. */
  private @Nullable String position(String offset) {
    return DataPosition.Offset.stored(field("master_replid"), field(offset));
  }

  private static String text(ByteBuf bytes, int length) {
    String text = bytes.toString(bytes.readerIndex(), length, StandardCharsets.UTF_8);
    bytes.skipBytes(length + 2);
    return text;
  }

  /** A value of {@code INFO replication}; empty if it has none. */
  private String field(String name) {
    String key = name + ":";
    return replication
        .lines()
        .filter(each -> each.startsWith(key))
        .map(each -> each.substring(key.length()).strip())
        .findFirst()
        .orElse("");
  }

  /** The length in a line such as {@code $64}; -1 if it is none, or more than can be kept. */
  private static int length(String line) {
    if (!line.matches("\\$[0-9]{1,5}")) {
      return -1;
    }
    int length = Integer.parseInt(line.substring(1));
    return length < MAX_BYTES - MAX_LINE ? length : -1;
  }
}
