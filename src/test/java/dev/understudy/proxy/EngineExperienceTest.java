package dev.understudy.proxy;

import dev.understudy.testing.Http1Experience;
import dev.understudy.testing.Lane;
import dev.understudy.testing.NettyFront;

/** The table of what a request experiences, on the engine alone. */
class EngineExperienceTest extends Http1Experience {
  @Override
  protected Lane.Factory factory() {
    return NettyFront::new;
  }
}
