package dev.understudy.loading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.text.BuildVersion;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.Test;

/** On the built jar: one that it cannot load would start slowly, and say nothing. */
class IndexedClassLoaderIT {
  @Test
  void the_built_jar_is_loaded_with_the_versions_of_its_packages() throws Exception {
    IndexedClassLoader loader =
        IndexedClassLoader.of(
            Path.of("target/understudy.jar"), ClassLoader.getPlatformClassLoader());
    Class<?> ours = loader.loadClass("dev.understudy.application.Launcher");
    assertThat(ours.getClassLoader()).isEqualTo(loader);
    assertThat(ours.getPackage().getImplementationVersion()).isEqualTo(BuildVersion.read());
    assertThat(loader.loadClass("reactor.netty.http.client.HttpClient").getPackage())
        .extracting(Package::getImplementationVersion)
        .isNotNull();
    assertThat(Collections.list(loader.getResources("META-INF/spring.factories")))
        .hasSizeGreaterThan(10);
  }
}
