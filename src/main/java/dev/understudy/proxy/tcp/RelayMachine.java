package dev.understudy.proxy.tcp;

import static dev.understudy.proxy.tcp.RelayAction.CLOSE_UNCOUNTED;
import static dev.understudy.proxy.tcp.RelayAction.CONNECT;
import static dev.understudy.proxy.tcp.RelayAction.END;
import static dev.understudy.proxy.tcp.RelayAction.FINISH_BOTH;
import static dev.understudy.proxy.tcp.RelayAction.FINISH_SESSION;
import static dev.understudy.proxy.tcp.RelayAction.JOIN;
import static dev.understudy.proxy.tcp.RelayAction.NOTHING;
import static dev.understudy.proxy.tcp.RelayAction.RESELECT;
import static dev.understudy.proxy.tcp.RelayAction.RESET_BOTH;
import static dev.understudy.proxy.tcp.RelayAction.RESET_CLIENT_AFTER_WRITES;
import static dev.understudy.proxy.tcp.RelayAction.RESET_SERVER;
import static dev.understudy.proxy.tcp.RelayAction.RETRY;
import static dev.understudy.proxy.tcp.RelayAction.SELECT;
import static dev.understudy.proxy.tcp.RelayAction.SETTLE;
import static dev.understudy.proxy.tcp.RelayAction.SHUT_CLIENT;
import static dev.understudy.proxy.tcp.RelayAction.SHUT_SERVER;
import static dev.understudy.proxy.tcp.RelayState.ANSWERED;
import static dev.understudy.proxy.tcp.RelayState.BEGINNING;
import static dev.understudy.proxy.tcp.RelayState.BOTH_ENDED;
import static dev.understudy.proxy.tcp.RelayState.CLIENT_ENDED;
import static dev.understudy.proxy.tcp.RelayState.CLOSING;
import static dev.understudy.proxy.tcp.RelayState.CONNECTING;
import static dev.understudy.proxy.tcp.RelayState.DOUBTED;
import static dev.understudy.proxy.tcp.RelayState.ENDED;
import static dev.understudy.proxy.tcp.RelayState.FRESH;
import static dev.understudy.proxy.tcp.RelayState.LINGERING;
import static dev.understudy.proxy.tcp.RelayState.SERVER_ENDED;
import static dev.understudy.proxy.tcp.RelayState.UNANSWERED;
import static dev.understudy.proxy.tcp.RelayState.WAITING;

import dev.understudy.traffic.ConnectionEnd;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of a relayed connection: for each state and input, the next state, what is to
 * be done, how the connection ends if it does, and what is reported of the server. An end in
 * parentheses comes with the input, a report in parentheses is part of what is done. A pair that
 * has no row changes nothing.
 *
 * <table>
 * <caption>Before a server has the connection</caption>
 * <tr><th>state<th>input<th>next<th>done<th>end
 * <tr><td>BEGINNING<td>NO_ADDRESS<td>ENDED<td>CLOSE_UNCOUNTED<td>
 * <tr><td><td>IDENTIFIED<td>WAITING<td>SELECT<td>
 * <tr><td><td>CLIENT_FAILED<td>CLOSING<td><td>REFUSED
 * <tr><td>WAITING<td>SERVER_FOUND<td>CONNECTING<td>CONNECT<td>
 * <tr><td><td>CLIENT_FAILED<td>CLOSING<td><td>CLIENT_GONE
 * <tr><td>BEGINNING, WAITING<td>CLIENT_LEFT<td>CLOSING<td>RESET_BOTH<td>CLIENT_GONE
 * <tr><td>CONNECTING<td>CONNECTED<td>FRESH<td>JOIN<td>
 * <tr><td><td>CONNECTED_ANEW<td>UNANSWERED<td>JOIN<td>
 * <tr><td><td>SERVER_EXCLUDED<td>WAITING<td>RESELECT<td>
 * <tr><td><td>CONNECT_FAILED, SERVER_END, SERVER_TLS_END, SERVER_BROKE<td>WAITING<td>RETRY<td>
 * <tr><td><td>CLIENT_FAILED<td>CLOSING<td>RESET_SERVER<td>CLIENT_GONE
 * <tr><td><td>CLIENT_BROKE<td>ENDED<td>END<td>CLIENT_GONE
 * <tr><td>BEGINNING to CONNECTING<td>LAST_CLOSED<td>ENDED<td>END<td>CLIENT_GONE
 * <tr><td><td>CUT<td>CLOSING<td>RESET_BOTH<td>(told)
 * </table>
 *
 * <table>
 * <caption>Open</caption>
 * <tr><th>state<th>input<th>next<th>done<th>end<th>reported
 * <tr><td>FRESH<td>CLIENT_BYTES<td>UNANSWERED<td><td><td>
 * <tr><td><td>SERVER_WRITE_FAILED<td>DOUBTED<td><td><td>
 * <tr><td>FRESH, DOUBTED<td>SERVER_BROKE<td>WAITING<td>SETTLE<td><td>(NO_BYTE)
 * <tr><td>FRESH, UNANSWERED<td>SERVER_BYTES<td>ANSWERED<td><td><td>
 * <tr><td><td>SERVER_END<td>SERVER_ENDED<td>SHUT_CLIENT<td><td>NO_BYTE
 * <tr><td><td>SERVER_TLS_END<td>BOTH_ENDED<td>FINISH_BOTH<td><td>NO_BYTE
 * <tr><td>ANSWERED<td>SERVER_END<td>SERVER_ENDED<td>SHUT_CLIENT<td><td>
 * <tr><td><td>SERVER_TLS_END<td>BOTH_ENDED<td>FINISH_BOTH<td><td>
 * <tr><td><td>SESSION_IDLE<td>LINGERING<td>FINISH_SESSION<td>MOVED<td>
 * <tr><td>FRESH, UNANSWERED, ANSWERED<td>CLIENT_END<td>CLIENT_ENDED<td>SHUT_SERVER<td><td>
 * <tr><td><td>CLIENT_TLS_END<td>BOTH_ENDED<td>FINISH_BOTH<td><td>
 * <tr><td>CLIENT_ENDED<td>SERVER_END, SERVER_TLS_END<td>BOTH_ENDED<td>FINISH_BOTH<td><td>
 * <tr><td>SERVER_ENDED<td>CLIENT_END, CLIENT_TLS_END<td>BOTH_ENDED<td>FINISH_BOTH<td><td>
 * <tr><td>UNANSWERED, ANSWERED, CLIENT_ENDED<td>SERVER_WRITE_FAILED<td>LINGERING<td>
 *     <td>SERVER_FAILED<td>BROKE
 * <tr><td>SERVER_ENDED, BOTH_ENDED<td>SERVER_WRITE_FAILED<td>LINGERING<td><td>SERVER_FAILED<td>
 * <tr><td>UNANSWERED to BOTH_ENDED<td>SERVER_BROKE<td>LINGERING
 *     <td>RESET_CLIENT_AFTER_WRITES<td>SERVER_FAILED<td>BROKE
 * <tr><td>DOUBTED<td>CLIENT_BYTES, SERVER_BYTES, CLIENT_END<td>LINGERING<td><td>SERVER_FAILED
 *     <td>BROKE
 * <tr><td><td>CLIENT_TLS_END<td>LINGERING<td>FINISH_BOTH<td>SERVER_FAILED<td>BROKE
 * <tr><td>LINGERING<td>CLIENT_TLS_END<td>LINGERING<td>FINISH_BOTH<td><td>
 * <tr><td><td>SERVER_BROKE<td>LINGERING<td>RESET_CLIENT_AFTER_WRITES<td><td>
 * <tr><td>FRESH to LINGERING<td>CLIENT_FAILED, CLIENT_BROKE<td>CLOSING<td>RESET_SERVER
 *     <td>CLIENT_GONE<td>
 * <tr><td><td>CUT<td>CLOSING<td>RESET_BOTH<td>(told)<td>
 * <tr><td>FRESH to CLOSING<td>LAST_CLOSED<td>ENDED<td>END<td>CLOSED<td>
 * </table>
 *
 * <p>The first end holds. A reset by a server to which nothing has passed, not even an end, as by
 * what accepts connections for a dead one, leads back to WAITING, but once. Any other passes on as
 * one, after what the server sent. An end by this proxy resets both sides at once, with all that is
 * not sent yet: the client must not take what it received for complete, and the server must not get
 * what is late.
 */
final class RelayMachine {
  /**
   * What an input leads to.
   *
   * @param end how the connection ends, unless that is decided already; null if it goes on, or if
   *     the reason comes with the input
   * @param blame what is reported of the server; null for nothing
   */
  record RelayTransition(
      RelayState next,
      RelayAction action,
      @Nullable ConnectionEnd end,
      @Nullable ServerBlame blame) {
    private RelayTransition(RelayState next, RelayAction action) {
      this(next, action, null, null);
    }

    private RelayTransition ending(ConnectionEnd why) {
      return new RelayTransition(next, action, why, blame);
    }

    private RelayTransition blaming(ServerBlame why) {
      return new RelayTransition(next, action, end, why);
    }
  }

  private static final Map<RelayState, Map<RelayInput, RelayTransition>> TABLE = table();

  private RelayMachine() {}

  /** What an input leads to; null for nothing. Allocates nothing. */
  static @Nullable RelayTransition step(RelayState state, RelayInput input) {
    return TABLE.getOrDefault(state, Map.of()).get(input);
  }

  private static Map<RelayState, Map<RelayInput, RelayTransition>> table() {
    Map<RelayState, Map<RelayInput, RelayTransition>> table = new EnumMap<>(RelayState.class);
    for (RelayState state : RelayState.values()) {
      Map<RelayInput, RelayTransition> row = new EnumMap<>(RelayInput.class);
      for (RelayInput input : RelayInput.values()) {
        RelayTransition found = transition(state, input);
        if (found != null) {
          row.put(input, found);
        }
      }
      table.put(state, row);
    }
    return table;
  }

  private static @Nullable RelayTransition transition(RelayState state, RelayInput input) {
    return switch (input) {
      case NO_ADDRESS -> state == BEGINNING ? to(ENDED, CLOSE_UNCOUNTED) : null;
      case IDENTIFIED -> state == BEGINNING ? to(WAITING, SELECT) : null;
      case SERVER_FOUND -> state == WAITING ? to(CONNECTING, CONNECT) : null;
      case SERVER_EXCLUDED -> state == CONNECTING ? to(WAITING, RESELECT) : null;
      case CONNECT_FAILED -> state == CONNECTING ? to(WAITING, RETRY) : null;
      case CONNECTED -> state == CONNECTING ? to(FRESH, JOIN) : null;
      case CONNECTED_ANEW -> state == CONNECTING ? to(UNANSWERED, JOIN) : null;
      case CLIENT_LEFT ->
          state == BEGINNING || state == WAITING
              ? to(CLOSING, RESET_BOTH).ending(ConnectionEnd.CLIENT_GONE)
              : null;
      case CLIENT_BYTES -> clientBytes(state);
      case SERVER_BYTES -> serverBytes(state);
      case CLIENT_END -> clientEnd(state);
      case CLIENT_TLS_END -> clientTlsEnd(state);
      case SERVER_END -> serverEnd(state);
      case SERVER_TLS_END -> serverTlsEnd(state);
      case CLIENT_FAILED -> clientFailed(state);
      case SERVER_WRITE_FAILED -> serverWriteFailed(state);
      case CLIENT_BROKE -> clientBroke(state);
      case SERVER_BROKE -> serverBroke(state);
      case LAST_CLOSED -> lastClosed(state);
      case SESSION_IDLE ->
          state == ANSWERED ? to(LINGERING, FINISH_SESSION).ending(ConnectionEnd.MOVED) : null;
      case CUT -> state == CLOSING || state == ENDED ? null : to(CLOSING, RESET_BOTH);
    };
  }

  private static @Nullable RelayTransition clientBytes(RelayState state) {
    return switch (state) {
      case FRESH -> to(UNANSWERED, NOTHING);
      case DOUBTED -> failed(NOTHING).blaming(ServerBlame.BROKE);
      default -> null;
    };
  }

  private static @Nullable RelayTransition serverBytes(RelayState state) {
    return switch (state) {
      case FRESH, UNANSWERED -> to(ANSWERED, NOTHING);
      case DOUBTED -> failed(NOTHING).blaming(ServerBlame.BROKE);
      default -> null;
    };
  }

  private static @Nullable RelayTransition clientEnd(RelayState state) {
    return switch (state) {
      case FRESH, UNANSWERED, ANSWERED -> to(CLIENT_ENDED, SHUT_SERVER);
      case SERVER_ENDED -> to(BOTH_ENDED, FINISH_BOTH);
      case DOUBTED -> failed(NOTHING).blaming(ServerBlame.BROKE);
      default -> null;
    };
  }

  private static @Nullable RelayTransition clientTlsEnd(RelayState state) {
    return switch (state) {
      case FRESH, UNANSWERED, ANSWERED, SERVER_ENDED -> to(BOTH_ENDED, FINISH_BOTH);
      case DOUBTED -> failed(FINISH_BOTH).blaming(ServerBlame.BROKE);
      case LINGERING -> to(LINGERING, FINISH_BOTH);
      default -> null;
    };
  }

  private static @Nullable RelayTransition serverEnd(RelayState state) {
    return switch (state) {
      case CONNECTING -> to(WAITING, RETRY);
      case FRESH, UNANSWERED -> to(SERVER_ENDED, SHUT_CLIENT).blaming(ServerBlame.NO_BYTE);
      case ANSWERED -> to(SERVER_ENDED, SHUT_CLIENT);
      case CLIENT_ENDED -> to(BOTH_ENDED, FINISH_BOTH);
      default -> null;
    };
  }

  private static @Nullable RelayTransition serverTlsEnd(RelayState state) {
    return switch (state) {
      case CONNECTING -> to(WAITING, RETRY);
      case FRESH, UNANSWERED -> to(BOTH_ENDED, FINISH_BOTH).blaming(ServerBlame.NO_BYTE);
      case ANSWERED, CLIENT_ENDED -> to(BOTH_ENDED, FINISH_BOTH);
      default -> null;
    };
  }

  private static @Nullable RelayTransition clientFailed(RelayState state) {
    return switch (state) {
      case BEGINNING -> to(CLOSING, NOTHING).ending(ConnectionEnd.REFUSED);
      case WAITING -> to(CLOSING, NOTHING).ending(ConnectionEnd.CLIENT_GONE);
      case CLOSING, ENDED -> null;
      default -> to(CLOSING, RESET_SERVER).ending(ConnectionEnd.CLIENT_GONE);
    };
  }

  private static @Nullable RelayTransition clientBroke(RelayState state) {
    return switch (state) {
      case BEGINNING, WAITING, CLOSING, ENDED -> null;
      case CONNECTING -> lastClosed(state);
      default -> to(CLOSING, RESET_SERVER).ending(ConnectionEnd.CLIENT_GONE);
    };
  }

  private static @Nullable RelayTransition serverWriteFailed(RelayState state) {
    return switch (state) {
      case FRESH -> to(DOUBTED, NOTHING);
      case UNANSWERED, ANSWERED, CLIENT_ENDED -> failed(NOTHING).blaming(ServerBlame.BROKE);
      case SERVER_ENDED, BOTH_ENDED -> failed(NOTHING);
      default -> null;
    };
  }

  private static @Nullable RelayTransition serverBroke(RelayState state) {
    return switch (state) {
      case CONNECTING -> to(WAITING, RETRY);
      case FRESH, DOUBTED -> to(WAITING, SETTLE);
      case UNANSWERED, ANSWERED, CLIENT_ENDED, SERVER_ENDED, BOTH_ENDED ->
          failed(RESET_CLIENT_AFTER_WRITES).blaming(ServerBlame.BROKE);
      case LINGERING -> to(LINGERING, RESET_CLIENT_AFTER_WRITES);
      default -> null;
    };
  }

  private static @Nullable RelayTransition lastClosed(RelayState state) {
    return switch (state) {
      case BEGINNING, WAITING, CONNECTING -> to(ENDED, END).ending(ConnectionEnd.CLIENT_GONE);
      case ENDED -> null;
      default -> to(ENDED, END).ending(ConnectionEnd.CLOSED);
    };
  }

  private static RelayTransition to(RelayState next, RelayAction action) {
    return new RelayTransition(next, action);
  }

  /** The server has failed: what it sent is still written. */
  private static RelayTransition failed(RelayAction action) {
    return to(LINGERING, action).ending(ConnectionEnd.SERVER_FAILED);
  }
}
