package dev.understudy.config;

import static dev.understudy.config.PoolMapper.orElse;

import dev.understudy.pool.StickySettings;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.pool.StickySettings.SameSite;

/** Maps a pool's {@code sticky} section and fills in defaults. */
final class StickyMapper {
  private StickyMapper() {}

  static StickySettings map(RawPool.Sticky raw, Section section) {
    StickySettings.Type type = orElse(raw.type(), StickySettings.Type.COOKIE);
    cookie(raw, type, section);
    SameSite sameSite = orElse(raw.sameSite(), SameSite.LAX);
    Boolean secure = raw.secure();
    if (sameSite == SameSite.NONE && Boolean.FALSE.equals(secure)) {
      section.wrong("secure", "true, or no such key, as browsers refuse same-site: none otherwise");
      secure = null;
    }
    return new StickySettings(
        orElse(raw.cookie(), StickySettings.DEFAULT_COOKIE),
        orElse(raw.afterFailback(), AfterFailback.DRAIN),
        type,
        secure,
        orElse(raw.httpOnly(), true),
        sameSite,
        raw.domain(),
        orElse(raw.entries(), StickySettings.DEFAULT_ENTRIES),
        orElse(raw.expire(), StickySettings.DEFAULT_EXPIRE));
  }

  /** Checks that the application's cookie is named where it is the one. */
  private static void cookie(RawPool.Sticky raw, StickySettings.Type type, Section section) {
    boolean applications =
        type == StickySettings.Type.PREFIX || type == StickySettings.Type.APP_COOKIE;
    if (applications && raw.cookie() == null && section.isGood("cookie")) {
      section.missing("cookie", "the name of the application's cookie, such as JSESSIONID");
    }
    if (type == StickySettings.Type.CLIENT_ADDRESS && section.hasOwn("cookie")) {
      section.wrong("cookie", "no cookie, as type is client-address");
    }
  }
}
