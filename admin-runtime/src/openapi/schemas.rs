//! The schemas of JSON bodies and replies, each named type once.

use serde_json::{Map, Value};

#[cfg(feature = "schemars")]
pub(super) use self::collected::Schemas;
#[cfg(not(feature = "schemars"))]
pub(super) use self::open::Schemas;

/// A schema that everything fits: the type has none.
fn anything() -> Value {
    Value::Object(Map::new())
}

#[cfg(feature = "schemars")]
mod collected {
    use schemars::SchemaGenerator;
    use schemars::generate::{Contract, SchemaSettings};
    use serde_json::{Map, Value, json};

    use super::anything;
    use crate::response::TypeSchema;

    /// Named types of bodies stand inside this component: what is read and what is written under
    /// one name may differ.
    const BODIES: &str = "requests";

    pub(in crate::openapi) struct Schemas {
        replies: SchemaGenerator,
        bodies: SchemaGenerator,
    }

    impl Default for Schemas {
        fn default() -> Self {
            let bodies = format!("/components/schemas/{BODIES}/$defs");
            Self {
                replies: generator(Contract::Serialize, "/components/schemas".to_owned()),
                bodies: generator(Contract::Deserialize, bodies),
            }
        }
    }

    fn generator(contract: Contract, definitions: String) -> SchemaGenerator {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.contract = contract;
            settings.definitions_path = definitions.into();
            settings.meta_schema = None;
        });
        settings.into_generator()
    }

    impl Schemas {
        pub(in crate::openapi) fn reply(&mut self, schema: Option<TypeSchema>) -> Value {
            make(&mut self.replies, schema)
        }

        pub(in crate::openapi) fn body(&mut self, schema: Option<TypeSchema>) -> Value {
            make(&mut self.bodies, schema)
        }

        pub(in crate::openapi) fn into_components(mut self) -> Map<String, Value> {
            let mut components = self.replies.take_definitions(true);
            let bodies = self.bodies.take_definitions(true);
            if !bodies.is_empty() {
                components.insert(BODIES.to_owned(), json!({ "$defs": bodies }));
            }
            components
        }
    }

    fn make(generator: &mut SchemaGenerator, schema: Option<TypeSchema>) -> Value {
        schema.map_or_else(anything, |TypeSchema(of)| of(generator).to_value())
    }
}

#[cfg(not(feature = "schemars"))]
mod open {
    use serde_json::{Map, Value};

    use super::anything;
    use crate::response::TypeSchema;

    #[derive(Default)]
    pub(in crate::openapi) struct Schemas {}

    impl Schemas {
        pub(in crate::openapi) fn reply(&mut self, _: Option<TypeSchema>) -> Value {
            anything()
        }

        pub(in crate::openapi) fn body(&mut self, _: Option<TypeSchema>) -> Value {
            anything()
        }

        pub(in crate::openapi) fn into_components(self) -> Map<String, Value> {
            Map::new()
        }
    }
}
