package dev.understudy.application;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.io.ClassPathResource;

/** What is named by strings: without an error, another name would only make the start longer. */
class StartupTuningTest {
  @Test
  void each_auto_configuration_that_is_left_out_is_there() throws IOException {
    List<String> excluded =
        new Binder(
                ConfigurationPropertySources.from(
                    new YamlPropertySourceLoader()
                        .load("own", new ClassPathResource("application.yaml"))
                        .getFirst()))
            .bind("spring.autoconfigure.exclude", Bindable.listOf(String.class))
            .get();
    assertThat(excluded)
        .isNotEmpty()
        .isSubsetOf(
            ImportCandidates.load(AutoConfiguration.class, getClass().getClassLoader())
                .getCandidates());
  }

  @Test
  void the_reader_of_annotations_has_the_name_by_which_spring_boot_finds_it() throws Exception {
    Field name =
        Class.forName(
                "org.springframework.boot.autoconfigure.SharedMetadataReaderFactoryContextInitializer")
            .getDeclaredField("BEAN_NAME");
    name.setAccessible(true);
    try (GenericApplicationContext context = new GenericApplicationContext()) {
      new StartupTuning().initialize(context);
      assertThat(context.getBeanDefinitionNames()).contains((String) name.get(null));
    }
  }
}
