package dev.understudy.proxy.frontend;

/**
 * What a client network may hold of the {@link ClientMemoryBudget}, as a pure decision. Bytes that
 * wait and requests are two parts of one memory: each may take what the other leaves, and at least
 * half. Where others have taken both halves, a network that holds next to nothing may still have
 * requests, until those of all take {@value #REFUSED} bytes more than the memory. What requests
 * take slows the connections down that hold bytes, and ends none of them.
 *
 * <table>
 *   <caption>The decisions</caption>
 *   <tr><th>question</th><th>yes, if</th></tr>
 *   <tr><td>may a connection take more bytes?</td><td>it holds no more than an equal part of what
 *       is free of all, or of the half that bytes have for themselves</td></tr>
 *   <tr><td>must one that takes more in spite of that be ended?</td><td>it holds a multiple of an
 *       equal part of what bytes leave, whatever requests take</td></tr>
 *   <tr><td>may a network have another request?</td><td>half of all is free; or there is room for
 *       it, and the network holds no more than {@value #OF_EACH} bytes, or twice what is free</td>
 *   </tr>
 *   <tr><td>is there room for a request?</td><td>it fits into what is free of all, or into the half
 *       that requests have for themselves; for a network with up to {@value #OF_EACH} bytes into as
 *       much as all, and {@value #REFUSED} bytes more</td></tr>
 *   <tr><td>may requests be reported later?</td><td>those that their event loop has not reported
 *       cost no more than an equal part of what is left of the free half</td></tr>
 * </table>
 *
 * @param most the memory, in bytes
 * @param bytes what waits for clients to read, and for servers to take
 * @param requests what requests cost, in bytes
 */
record MemoryShares(long most, long bytes, long requests) {
  /** What a network may hold while there is room, in bytes. */
  static final int OF_EACH = 64 * 1024;

  /**
   * What requests that were refused may take beside, in bytes: they count until their clients have
   * read so, which greedy ones do not, and keep no others out.
   */
  static final int REFUSED = 16 * 1024 * 1024;

  /**
   * What one connection of a network may hold in bytes, beside its requests, before its servers
   * wait.
   *
   * @param waiting the connections of the network that hold some
   */
  long untilServersWait(int waiting) {
    return part(Math.max(most - bytes - requests, most / 2 - bytes), waiting);
  }

  /** Of how many bytes a multiple ends a connection; independent of requests. */
  long untilEnded(int waiting) {
    return part(most - bytes, waiting);
  }

  private static long part(long free, int waiting) {
    return Math.max(0, free) / Math.max(1, waiting);
  }

  /**
   * What the requests that one event loop has not reported may cost, in bytes; 0 once half of all
   * is taken, as networks are asked then what they hold.
   *
   * @param loops the event loops
   */
  long unreported(int loops) {
    return Math.max(0, most / 2 - bytes - requests) / Math.max(1, loops);
  }

  /** Whether half of all is free: then a network may have another request, whatever it holds. */
  boolean isHalfFree() {
    return 2 * (bytes + requests) <= most;
  }

  /**
   * Whether a network may have one more request.
   *
   * @param held what the network holds, in bytes and requests
   * @param cost of the request, in bytes
   */
  boolean mayHaveRequest(long held, long cost) {
    long free = most - bytes - requests;
    long ofRequests = held + cost <= OF_EACH ? most + REFUSED : most / 2;
    boolean isRoom = cost <= free || requests + cost <= ofRequests;
    return isHalfFree() || (isRoom && held + cost <= Math.max(OF_EACH, 2 * free));
  }
}
