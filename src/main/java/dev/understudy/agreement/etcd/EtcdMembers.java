package dev.understudy.agreement.etcd;

import java.util.List;

/** The members' URLs; the working one is used until it fails. Used on the event loop only. */
final class EtcdMembers {
  private final List<String> urls;
  private int current;

  EtcdMembers(List<String> urls) {
    this.urls = urls;
  }

  int size() {
    return urls.size();
  }

  String current() {
    return urls.get(current);
  }

  /** Moves on to the next member, unless {@code url} is no longer the current one. */
  void failed(String url) {
    if (url.equals(current())) {
      current = (current + 1) % urls.size();
    }
  }
}
