package dev.understudy.config;

import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.FailbackSettings.Policy;
import java.util.Map;

/** Maps a pool's {@code failback} section, whose defaults depend on the rest of the pool. */
final class FailbackMapper {
  private FailbackMapper() {}

  /**
   * Maps the section.
   *
   * @param tcp whether the pool's servers speak TCP: they get no warm-up requests
   * @param preset the policy if none is set
   */
  static FailbackSettings map(RecordReader reader, boolean tcp, Policy preset, MapSection section) {
    FailbackSettings read =
        reader.read(section.map(), FailbackSettings.class, Map.of("policy", preset));
    if (section.has("zone") && !section.has("between") && section.isClean()) {
      section.wrong("zone", "only with between");
    }
    Node warmUp = section.node("warm-up");
    if (!tcp || warmUp == null) {
      return read;
    }
    if (section.hasOwn("warm-up")) {
      section.problems().add(warmUp, "expected only with http servers");
    }
    return new FailbackSettings(
        read.policy(), read.after(), null, read.maxTunnels(), read.between(), read.zone());
  }
}
