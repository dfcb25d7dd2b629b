package dev.understudy.fuzz;

import java.util.List;

/**
 * What a client saw of its script.
 *
 * @param port its own
 * @param responses final ones, in order
 * @param violation null: what came was HTTP
 * @param ended whether the connection had ended when the client had all it waited for
 * @param hung what did not come in time; null: all came
 */
record Played(
    int port,
    List<Response> responses,
    boolean tunnel,
    String violation,
    boolean ended,
    String hung) {

  /**
   * One final response.
   *
   * @param whole whether it came to its end
   */
  record Response(Head head, byte[] content, boolean whole) {
    int status() {
      return Integer.parseInt(head.start().get(1));
    }

    /** The request that the server responded to; null: it is the proxy's own. */
    String echo() {
      return head.first(StrictServer.ECHO);
    }

    /** Whether no other may follow. */
    boolean closes() {
      return head.list("connection").contains("close");
    }

    @Override
    public String toString() {
      return head.start().get(1)
          + " "
          + (echo() == null ? "" : echo() + " ")
          + content.length
          + " bytes"
          + (closes() ? ", closes" : "")
          + (whole ? "" : ", not whole");
    }
  }
}
