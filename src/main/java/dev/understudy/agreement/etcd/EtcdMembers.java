package dev.understudy.agreement.etcd;

import java.util.List;

/**
 * The members' URLs, of which the one that works is used until it fails. On the event loop only.
 */
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

  /** Goes on to the next, unless another failure of that member has done so already. */
  void failed(String url) {
    if (url.equals(current())) {
      current = (current + 1) % urls.size();
    }
  }
}
