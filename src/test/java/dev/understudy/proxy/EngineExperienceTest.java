package dev.understudy.proxy;

import dev.understudy.testing.Lane;
import dev.understudy.testing.NettyFront;
import dev.understudy.testing.RequestExperience;

/** The table of what a request experiences, on the engine alone. */
class EngineExperienceTest extends RequestExperience {
  @Override
  protected Lane.Factory factory() {
    return NettyFront::new;
  }
}
