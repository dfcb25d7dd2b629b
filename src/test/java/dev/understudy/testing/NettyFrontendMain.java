package dev.understudy.testing;

import dev.understudy.proxy.http.TrustedProxies;

/**
 * A {@link NettyFrontend} in a process of its own, before the server whose port is the argument.
 */
public final class NettyFrontendMain {
  private NettyFrontendMain() {}

  public static void main(String[] args) throws InterruptedException {
    TestPools pools = TestPools.pool().master("a", Integer.parseInt(args[0])).start();
    Recorder seen = new Recorder();
    Lane lane =
        new NettyFrontend(
            new Lane.Setup(
                pools,
                seen,
                seen,
                TestPools.POOL,
                null,
                TrustedProxies.NONE,
                settings -> {
                  throw new IllegalStateException("no https here");
                },
                new PlainTunnel()));
    System.out.println(lane.port());
    Thread.currentThread().join();
  }
}
