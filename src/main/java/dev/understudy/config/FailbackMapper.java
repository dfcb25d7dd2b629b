package dev.understudy.config;

import static dev.understudy.config.PoolMapper.orElse;

import dev.understudy.pool.DailyWindow;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.WarmUp;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Maps a pool's {@code failback} section and fills in defaults. */
final class FailbackMapper {
  private FailbackMapper() {}

  /**
   * Maps the section.
   *
   * @param tcp whether the pool's servers speak TCP: they get no warm-up requests
   * @param preset the policy if none is set
   */
  static FailbackSettings map(
      RawPool.@Nullable Failback raw, boolean tcp, Policy preset, Section section) {
    FailbackSettings mapped = map(raw, preset, section);
    Node warmUp = section.node("warm-up");
    if (!tcp || warmUp == null) {
      return mapped;
    }
    if (section.hasOwn("warm-up")) {
      section.problems().add(warmUp, "expected only with http servers");
    }
    return new FailbackSettings(
        mapped.policy(),
        mapped.after(),
        null,
        mapped.maxTunnels(),
        mapped.between(),
        mapped.zone());
  }

  private static FailbackSettings map(
      RawPool.@Nullable Failback raw, Policy preset, Section section) {
    FailbackSettings defaults = FailbackSettings.DEFAULT;
    if (raw == null) {
      return new FailbackSettings(
          preset,
          defaults.after(),
          section.child("warm-up").isPresent() ? WarmUp.DEFAULT : null,
          OptionalInt.empty(),
          null,
          defaults.zone());
    }
    if (raw.zone() != null && !section.has("between") && section.isClean()) {
      section.wrong("zone", "only with between");
    }
    return new FailbackSettings(
        orElse(raw.policy(), preset),
        orElse(raw.after(), defaults.after()),
        warmUp(raw.warmUp(), section.child("warm-up")),
        raw.maxTunnels() == null ? OptionalInt.empty() : OptionalInt.of(raw.maxTunnels()),
        between(raw.between(), section),
        zone(raw.zone(), section));
  }

  private static @Nullable WarmUp warmUp(RawPool.@Nullable WarmUpEntry raw, Section section) {
    WarmUp defaults = WarmUp.DEFAULT;
    if (raw == null) {
      return section.isPresent() ? defaults : null;
    }
    return new WarmUp(
        orElse(raw.path(), defaults.path()),
        orElse(raw.requests(), defaults.requests()),
        orElse(raw.time(), defaults.time()));
  }

  private static @Nullable DailyWindow between(@Nullable String text, Section section) {
    try {
      return text == null ? null : DailyWindow.parse(text);
    } catch (IllegalArgumentException e) {
      section.wrong("between", DailyWindow.EXPECTED);
      return null;
    }
  }

  private static ZoneId zone(@Nullable String text, Section section) {
    ZoneId preset = FailbackSettings.DEFAULT.zone();
    try {
      return text == null ? preset : ZoneId.of(text);
    } catch (DateTimeException e) {
      section.wrong("zone", TextForm.ZONE.expected());
      return preset;
    }
  }
}
