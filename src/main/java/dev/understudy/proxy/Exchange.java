package dev.understudy.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/** One request on its way to a server and back. All calls come on its event loop. */
public final class Exchange {
  Exchange() {}

  /** Chooses a server and begins; called once, first. */
  public void start() {}

  /** A piece of the request's body. Takes over the reference. */
  public void requestBody(ByteBuf data) {
    data.release();
  }

  /** The end of the request. */
  public void requestEnd(HttpHeaders trailers) {}

  /** The client went away, or broke HTTP: nothing more can be sent to it. */
  public void clientGone() {}

  /** {@link Downstream#isWritable} may have changed. */
  public void writabilityChanged() {}
}
