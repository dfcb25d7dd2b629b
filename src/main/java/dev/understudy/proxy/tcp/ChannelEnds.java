package dev.understudy.proxy.tcp;

/**
 * How far a channel's two directions have ended, and whether they have in order.
 *
 * <table>
 * <caption>The output</caption>
 * <tr><th>from<th>by<th>to
 * <tr><td>OPEN<td>the other side's end<td>ENDING: what waits is written before
 * <tr><td>ENDING<td>all is written<td>ENDED, or CLOSES_WITH_INPUT if Netty then closes the channel
 *     at the end of its input
 * <tr><td>OPEN<td>the end of both directions<td>ENDED; what waits is written before the close
 * <tr><td>OPEN, ENDING<td>a failed write<td>FAILED
 * </table>
 *
 * <p>The channel is over once its input has ended and its output has ENDED or FAILED. It ended in
 * order if both have ended when it closes, and nothing failed.
 */
final class ChannelEnds {
  private enum Output {
    OPEN,
    ENDING,
    ENDED,
    CLOSES_WITH_INPUT,
    FAILED
  }

  private enum Life {
    OPEN,
    BROKEN,
    CLOSED
  }

  private boolean inputEnded;
  private Output output = Output.OPEN;
  private Life life = Life.OPEN;

  boolean inputEnded() {
    return inputEnded;
  }

  /** Whether the output was ended on purpose. */
  boolean outputEnded() {
    return output == Output.ENDED || output == Output.CLOSES_WITH_INPUT;
  }

  /** Whether the peer takes no more bytes, although some were sent to it. */
  boolean outputFailed() {
    return output == Output.FAILED;
  }

  /** Whether bytes may still come. */
  boolean reads() {
    return !inputEnded && life == Life.OPEN;
  }

  /** Whether the peer takes bytes, as far as is known. */
  boolean takes() {
    return output != Output.FAILED && life == Life.OPEN;
  }

  /** Whether the channel closes by the end of its input, which completes both directions. */
  boolean closesWithInput() {
    return output == Output.CLOSES_WITH_INPUT && life == Life.OPEN;
  }

  /** Whether there is nothing left to do but to close the channel. */
  boolean areOver() {
    return inputEnded && (outputEnded() || outputFailed());
  }

  boolean isClosed() {
    return life == Life.CLOSED;
  }

  /** The input ends; returns false if that makes no difference any more. */
  boolean endInput() {
    boolean news = reads();
    inputEnded |= news;
    return news;
  }

  /** The output is to end; returns false if it is not open. */
  boolean beginOutputEnd() {
    boolean news = output == Output.OPEN && life == Life.OPEN;
    if (news) {
      output = Output.ENDING;
    }
    return news;
  }

  /**
   * All is written.
   *
   * @param closesWithInput whether Netty closes the channel at the end of its input
   */
  void endOutput(boolean closesWithInput) {
    if (output == Output.ENDING) {
      output = closesWithInput && !inputEnded ? Output.CLOSES_WITH_INPUT : Output.ENDED;
    }
  }

  /** Both directions end; returns false if the output was not open any more. */
  boolean endBoth() {
    inputEnded = true;
    boolean news = output == Output.OPEN && life == Life.OPEN;
    if (news) {
      output = Output.ENDED;
    }
    return news;
  }

  /** A write failed; returns false if that is known. */
  boolean failOutput() {
    boolean news = output != Output.FAILED;
    output = Output.FAILED;
    return news;
  }

  /** Something failed, or the channel is reset: it closes. */
  void breaks() {
    if (life == Life.OPEN) {
      life = Life.BROKEN;
    }
  }

  /** The channel is closed; returns whether that was in order. */
  boolean close() {
    inputEnded |= closesWithInput();
    boolean inOrder = life == Life.OPEN && inputEnded && outputEnded();
    life = Life.CLOSED;
    return inOrder;
  }
}
