//! stub
pub mod evidence {
    //! stub
    /// stub
    #[derive(serde::Serialize,serde::Deserialize,Debug,Clone)] pub struct Evidence{ /// s
 pub id:String, /// s
 pub occurred_on: chrono::NaiveDate, /// s
 pub document_number: Option<String> }
}
