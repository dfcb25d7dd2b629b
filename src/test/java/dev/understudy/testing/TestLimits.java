package dev.understudy.testing;

import dev.understudy.proxy.frontend.FrontendLimits;
import dev.understudy.proxy.http.RequestParts;
import io.netty.util.internal.PlatformDependent;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Limits of the frontend. */
public final class TestLimits {
  /** The defaults. */
  public static final FrontendLimits DEFAULT =
      new FrontendLimits(
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(60),
          20_000,
          OptionalInt.empty(),
          100,
          8 << 10,
          RequestParts.Limits.DEFAULT,
          OptionalInt.empty(),
          OptionalLong.empty(),
          PlatformDependent.maxDirectMemory() / 2,
          false);

  private TestLimits() {}
}
