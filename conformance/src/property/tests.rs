use super::PROPERTIES;

#[test]
fn every_property_stands_at_its_own_place() {
    for (place, info) in PROPERTIES.iter().enumerate() {
        assert_eq!(info.property as usize, place, "{}", info.name);
    }
}
