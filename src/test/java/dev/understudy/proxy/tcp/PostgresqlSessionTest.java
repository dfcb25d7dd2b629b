package dev.understudy.proxy.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * When a session is between two transactions. Each script has the client's messages behind {@code
 * >} and the server's behind {@code <}: a type, for ReadyForQuery with its status.
 */
class PostgresqlSessionTest {
  private static final int LONGEST_START = 10_000 - 8;
  private static final String BEGUN = "> start < R S K ZI ";

  /** The bytes of a message; of a typed one with a body that could be taken for another's head. */
  private static byte[] bytes(String message, int bodyLength) {
    int startLength = Math.min(bodyLength, LONGEST_START);
    return switch (message) {
      case "start" -> untyped(196_608, startLength);
      case "start3.2" -> untyped(196_610, startLength);
      case "start2" -> untyped(131_072, startLength);
      case "too-long" -> untyped(196_608, LONGEST_START + 1);
      case "ssl" -> untyped(80_877_103, 0);
      case "gss" -> untyped(80_877_104, 0);
      case "cancel" -> untyped(80_877_102, 8);
      case "hello" -> new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, -4, 3, 3};
      case "yes" -> new byte[] {'S'};
      case "no" -> new byte[] {'N'};
      case "ZI", "ZT", "ZE" -> typed('Z', message.substring(1).getBytes(StandardCharsets.US_ASCII));
      default -> typed(message.charAt(0), body(bodyLength));
    };
  }

  private static byte[] body(int length) {
    byte[] body = new byte[length];
    for (int i = 0; i < length; i++) {
      body[i] = (byte) "Z\0\0\0\5I".charAt(i % 6);
    }
    return body;
  }

  private static byte[] typed(char type, byte[] body) {
    return ByteBuffer.allocate(5 + body.length)
        .put((byte) type)
        .putInt(4 + body.length)
        .put(body)
        .array();
  }

  private static byte[] untyped(int code, int bodyLength) {
    return ByteBuffer.allocate(8 + bodyLength).putInt(8 + bodyLength).putInt(code).array();
  }

  private static PostgresqlSession play(String script, int bodyLength, int piece) {
    PostgresqlSession session = new PostgresqlSession();
    boolean fromClient = true;
    for (String word : script.strip().split(" +")) {
      if (word.equals(">") || word.equals("<")) {
        fromClient = word.equals(">");
      } else {
        pass(session, fromClient, bytes(word, bodyLength), piece);
      }
    }
    return session;
  }

  private static void pass(PostgresqlSession to, boolean fromClient, byte[] bytes, int piece) {
    for (int at = 0; at < bytes.length; at += piece) {
      ByteBuf data = Unpooled.wrappedBuffer(bytes, at, Math.min(piece, bytes.length - at));
      if (fromClient) {
        to.sent(data);
      } else {
        to.received(data);
      }
    }
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "before the start, <, false",
    "started, > start, false",
    "a password is asked for, > start < R > p < R, false",
    "let in with a password, > start < R > p < R S K ZI, true",
    "a newer minor version, > start3.2 < v R ZI, true",
    "a query runs, BEGUN > Q < T D, false",
    "a query ended, BEGUN > Q < T D D D C ZI, true",
    "an empty query, BEGUN > Q < I ZI, true",
    "a notice and a notification afterwards, BEGUN > Q < C ZI N A S, true",
    "a transaction is open, BEGUN > Q < C ZT, false",
    "a transaction has failed, BEGUN > Q < C ZT > Q < E ZE, false",
    "a transaction ended, BEGUN > Q < C ZT > Q < C ZT > Q < C ZI, true",
    "a prepared statement runs, BEGUN > P B D E S < 1 2 T D, false",
    "a prepared statement ended, BEGUN > P B D E S < 1 2 T D C ZI, true",
    "a statement without Sync, BEGUN > P B E H < 1 2 C, false",
    "a Sync has failed statements end, BEGUN > P B E S < E ZI, true",
    "a cursor is closed without Sync, BEGUN > C H < 3, false",
    "two statements in a row: one ended, BEGUN > P B E S P B E S < 1 2 C ZI, false",
    "two statements in a row: both ended, BEGUN > P B E S P B E S < 1 2 C ZI 1 2 C ZI, true",
    "a query is followed by one without Sync, BEGUN > Q P B E H < C ZI 1 2 C, false",
    "a function call, BEGUN > F < V ZI, true",
    "rows are copied in, BEGUN > Q < G > d d, false",
    "rows were copied in, BEGUN > Q < G > d d c < C ZI, true",
    "a copy failed at the server while rows still came, BEGUN > Q < G > d < E ZI > d c, true",
    "a client broke its copy off, BEGUN > Q < G > d f < E ZI, true",
    "rows are copied in by a prepared statement, BEGUN > P B E S < 1 2 G > d, false",
    "rows were copied in so and Sync is missing, BEGUN > P B E S < 1 2 G > d c < C, false",
    "rows were copied in by a prepared statement, BEGUN > P B E S < 1 2 G > d c S < C ZI, true",
    "rows were copied out, BEGUN > Q < H d d d c C ZI, true",
    "a replication session before it streams, BEGUN > Q < T D C ZI, true",
    "a replication session, BEGUN > Q < W d > d, false",
    "after a replication session, BEGUN > Q < W d > c < c C ZI, false",
    "more ReadyForQuery than asked for, BEGUN < ZI, false",
    "the client takes its leave, BEGUN > X, false",
    "TLS is refused, > ssl < no > start < R ZI, true",
    "GSSAPI and TLS are refused, > gss < no > ssl < no > start < R ZI, true",
    "TLS, > ssl < yes > hello < ZI, false",
    "TLS at once, > hello < ZI, false",
    "TLS too early, > ssl hello < no, false",
    "a cancellation, > cancel < ZI, false",
    "another version, > start2 < ZI, false",
    "a start that no server takes, > too-long < ZI, false",
  })
  void it_is_idle_only_between_transactions(String name, String script, boolean idle) {
    String whole = script.replace("BEGUN", BEGUN);
    for (int bodyLength : new int[] {6, 0, 1, 70_000}) {
      for (int piece : bodyLength > 10 ? new int[] {8192, 65_536} : new int[] {1, 2, 3, 5, 7}) {
        assertThat(play(whole, bodyLength, piece).isIdle())
            .as("%s: bodies of %d bytes in pieces of %d", name, bodyLength, piece)
            .isEqualTo(idle);
      }
    }
  }

  @Test
  void it_is_busy_while_a_message_of_either_side_is_incomplete() {
    for (boolean fromClient : new boolean[] {true, false}) {
      byte[] message = bytes(fromClient ? "d" : "A", 20);
      for (int length = 1; length < message.length; length++) {
        PostgresqlSession session = play(BEGUN, 3, 5);
        pass(session, fromClient, Arrays.copyOf(message, length), length);
        assertThat(session.isIdle()).as("%d bytes", length).isFalse();
      }
    }
  }

  @ParameterizedTest(name = "a length of {0}")
  @CsvSource({"0", "3", "-1", "-2147483648"})
  void a_message_that_cannot_be_is_not_followed(int length) {
    PostgresqlSession session = play(BEGUN, 3, 5);
    pass(session, false, ByteBuffer.allocate(5).put((byte) 'N').putInt(length).array(), 5);
    pass(session, false, bytes("ZI", 0), 6);
    assertThat(session.isIdle()).isFalse();
  }
}
