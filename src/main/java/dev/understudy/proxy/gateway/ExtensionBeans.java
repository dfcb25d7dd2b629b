package dev.understudy.proxy.gateway;

import dev.understudy.extension.Extensions;
import java.util.LinkedHashMap;
import java.util.Map;

/** Extensions as beans of the Gateway's context, where routes find them by the Gateway's names. */
public final class ExtensionBeans {
  private ExtensionBeans() {}

  /** The factories, by names of beans. */
  public static Map<String, Object> of(Extensions extensions) {
    Map<String, Object> beans = new LinkedHashMap<>();
    extensions
        .filters()
        .forEach(
            each -> beans.put("extension filter " + each.name(), new ExtensionFilterFactory(each)));
    extensions
        .predicates()
        .forEach(
            each ->
                beans.put(
                    "extension predicate " + each.name(), new ExtensionPredicateFactory(each)));
    return beans;
  }
}
