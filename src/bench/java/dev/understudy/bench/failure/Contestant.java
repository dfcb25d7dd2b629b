package dev.understudy.bench.failure;

import dev.understudy.bench.peer.Haproxy;
import dev.understudy.bench.peer.Jvm;
import dev.understudy.bench.peer.Peer;
import dev.understudy.bench.peer.Program;
import dev.understudy.bench.peer.Site;
import dev.understudy.bench.peer.UnderstudyJar;
import java.io.IOException;

/** The proxies before a failing master. */
enum Contestant {
  UNDERSTUDY(UnderstudyJar.EXPRESS) {
    @Override
    Peer start(Site site) throws IOException {
      return UnderstudyJar.start(title(), site, Jvm.container());
    }
  },
  GATEWAY_LANE(UnderstudyJar.GATEWAY_LANE) {
    @Override
    Peer start(Site site) throws IOException {
      return UnderstudyJar.start(title(), site, Jvm.container(), UnderstudyJar.EXPRESS_OFF);
    }
  },
  HAPROXY(Haproxy.NAME) {
    @Override
    Peer start(Site site) throws IOException {
      return Haproxy.start(Program.newestHaproxy(), site);
    }
  };

  private final String title;

  Contestant(String title) {
    this.title = title;
  }

  /** The name in tables. */
  String title() {
    return title;
  }

  abstract Peer start(Site site) throws IOException;
}
